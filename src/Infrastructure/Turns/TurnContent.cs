using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Turns;

/// <summary>What was said in a turn: the plaintext of an audit entry's content.</summary>
/// <param name="Answer">As far as it came.</param>
/// <param name="Sources">The passages that the model was shown, as they were then.</param>
internal sealed record TurnContent(string Message, string Answer, IReadOnlyList<Passage> Sources)
{
    /// <summary>The messages that a client sent before the question, where it keeps its own conversations.</summary>
    public IReadOnlyList<TurnMessage>? History { get; init; }

    public static TurnContent FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, TurnContentJson.Default.TurnContent)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Relaxed.TurnContent);

    /// <summary>Readable UTF-8: the bytes are encrypted, never shown as markup.</summary>
    private static TurnContentJson Relaxed { get; } = new(new JsonSerializerOptions(TurnContentJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
internal sealed record TurnMessage(string Role, string Content)
{
    public static string RoleOf(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        _ => "assistant",
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TurnContent))]
internal sealed partial class TurnContentJson : JsonSerializerContext;
