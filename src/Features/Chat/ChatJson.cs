using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Features.Chat;

/// <summary>The frames of a streamed turn; <c>token</c> frames are written by hand, one a token.</summary>
internal sealed record StartFrame(string Type, Guid? ConversationId, string AiNotice);

internal sealed record SourcesFrame(string Type, IReadOnlyList<Passage> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RetrievalTrouble>? Degraded);

internal sealed record ComplianceFrame(
    string Type, InputOutputFindings Pii, InputSourceFindings Injection, IReadOnlyList<Finding> Bias, ConfidenceReport Confidence, GroundingReport Grounding);

internal sealed record AuditFrame(string Type, Guid Id, long Sequence, string EntryHash);

internal sealed record LowConfidenceFrame(string Type, double Confidence, double Threshold, string Message);

internal sealed record ErrorFrame(string Type, ErrorProblem Problem);

/// <summary>RFC 9457, within a stream.</summary>
internal sealed record ErrorProblem(string Type, string Title, int Status, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(StartFrame))]
[JsonSerializable(typeof(SourcesFrame))]
[JsonSerializable(typeof(ComplianceFrame))]
[JsonSerializable(typeof(AuditFrame))]
[JsonSerializable(typeof(LowConfidenceFrame))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ConversationList))]
[JsonSerializable(typeof(ConversationDetail))]
internal sealed partial class ChatJson : JsonSerializerContext;
