using System.Text.Json;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Gateway;

/// <summary>OpenAI's chat completion object, and a chunk of a streamed one: the same members, with <c>message</c> or <c>delta</c>.</summary>
/// <param name="Lexcustis">Our own addition: the receipt and the checks; on the last chunk of a stream.</param>
internal sealed record ChatCompletion(
    string Id, string Object, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, CompletionUsage? Usage = null, CompletionCompliance? Lexcustis = null);

internal sealed record CompletionChoice(
    int Index, CompletionMessage? Message, CompletionMessage? Delta, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

internal sealed record CompletionMessage(string? Role, string? Content);

internal sealed record CompletionUsage(int PromptTokens, int CompletionTokens, int TotalTokens);

internal sealed record CompletionCompliance(CompletionReceipt? Audit, ComplianceReport? Compliance, string AiNotice);

internal sealed record CompletionReceipt(Guid Id, long Sequence, string EntryHash);

internal sealed record ModelList(string Object, IReadOnlyList<ModelItem> Data);

internal sealed record ModelItem(string Id, string Object, long Created, string OwnedBy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(OpenAiError))]
internal sealed partial class GatewayJson : JsonSerializerContext;
