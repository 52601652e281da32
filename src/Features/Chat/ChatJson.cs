using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Features.Chat;

/// <summary>The first frame of a turn.</summary>
/// <param name="AiNotice">What Art. 50(1) asks to be said.</param>
internal sealed record StartFrame([AllowedValues("start")] string Type, Guid? ConversationId, string AiNotice);

/// <summary>The passages that the model is shown.</summary>
/// <param name="Degraded">What could not be searched; absent where all was.</param>
internal sealed record SourcesFrame([AllowedValues("sources")] string Type, IReadOnlyList<Passage> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RetrievalTrouble>? Degraded);

/// <summary>A piece of the answer.</summary>
/// <remarks>For the document: <see cref="ChatStream"/> writes it by hand, one a token.</remarks>
internal sealed record TokenFrame([AllowedValues("token")] string Type, string Text);

/// <summary>What the checks found, once the answer is whole.</summary>
internal sealed record ComplianceFrame(
    [AllowedValues("compliance")] string Type, InputOutputFindings Pii, InputSourceFindings Injection, IReadOnlyList<Finding> Bias, ConfidenceReport Confidence, GroundingReport Grounding);

/// <summary>The receipt: the turn is in the log.</summary>
internal sealed record AuditFrame([AllowedValues("audit")] string Type, Guid Id, long Sequence, string EntryHash);

/// <summary>The answer is uncertain, and queued for a person to review.</summary>
internal sealed record LowConfidenceFrame([AllowedValues("low_confidence")] string Type, double Confidence, double Threshold, string Message);

/// <summary>The answer ends here, for a reason.</summary>
internal sealed record ErrorFrame([AllowedValues("error")] string Type, ErrorProblem Problem);

/// <summary>RFC 9457, within a stream.</summary>
internal sealed record ErrorProblem(string Type, string Title, int Status, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(StartFrame))]
[JsonSerializable(typeof(SourcesFrame))]
[JsonSerializable(typeof(TokenFrame))]
[JsonSerializable(typeof(ComplianceFrame))]
[JsonSerializable(typeof(AuditFrame))]
[JsonSerializable(typeof(LowConfidenceFrame))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ConversationList))]
[JsonSerializable(typeof(ConversationDetail))]
internal sealed partial class ChatJson : JsonSerializerContext;
