using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Gateway;

/// <summary>OpenAI's request, as far as it means something here. Other members are ignored.</summary>
/// <remarks>For the document alone: <see cref="CompletionRequest"/> reads it member by member, to say what is wrong in OpenAI's own form.</remarks>
/// <param name="Messages">The last one is the question, with the role <c>user</c>.</param>
/// <param name="Model">Read and not followed: the organization's settings choose the model.</param>
internal sealed record ChatCompletionRequest(
    [Required] IReadOnlyList<ChatCompletionMessage>? Messages, string? Model, [Range(0.0, 2.0)] double? Temperature, bool? Stream, ChatCompletionStreamOptions? StreamOptions);

/// <param name="Content">A text, or an array of parts of which every one has a <c>text</c>.</param>
internal sealed record ChatCompletionMessage([Required, AllowedValues("system", "developer", "user", "assistant")] string? Role, [JsonKind("string", "array")] JsonElement Content);

internal sealed record ChatCompletionStreamOptions(bool? IncludeUsage);

/// <summary>
/// OpenAI's request, as far as it means something here. <c>model</c> is read and not followed: the organization's settings choose the
/// model. Members that are not known are ignored.
/// </summary>
internal sealed record CompletionRequest(TurnRequest Turn, bool Stream, bool IncludeUsage)
{
    private const int MessageLimit = 500;

    /// <returns>The request, or the parameter that is wrong and what it should be.</returns>
    public static (CompletionRequest? Request, string Parameter, string Want) Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return Wrong("body", "Send a JSON object.");
        if (!body.TryGetProperty("messages"u8, out var messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() is 0 or > MessageLimit)
            return Wrong("messages", $"Send between 1 and {MessageLimit} messages.");

        var read = new List<ChatMessage>();
        foreach (var message in messages.EnumerateArray())
        {
            if (ReadMessage(message) is not { } known)
                return Wrong($"messages[{read.Count}]", "Each message needs a role (system, developer, user or assistant) and a text content.");
            read.Add(known);
        }

        if (read[^1].Role != ChatRole.User || string.IsNullOrWhiteSpace(read[^1].Content))
            return Wrong("messages", "The last message is the question: it needs the role user and some text.");
        if (read.Sum(static message => (long)message.Content.Length) > TurnRequest.MaximumMessageLength)
            return Wrong("messages", $"All contents together may have {TurnRequest.MaximumMessageLength} characters.");
        if (!ReadTemperature(body, out var temperature))
            return Wrong("temperature", "Use a number from 0 to 2.");
        if (!ReadFlag(body, "stream", out var stream))
            return Wrong("stream", "Use true or false.");

        var usage = body.TryGetProperty("stream_options"u8, out var options) && options.ValueKind == JsonValueKind.Object
            && options.TryGetProperty("include_usage"u8, out var include) && include.ValueKind == JsonValueKind.True;
        var turn = new TurnRequest { Message = read[^1].Content, Temperature = temperature, History = read.GetRange(0, read.Count - 1) };
        return (new CompletionRequest(turn, stream, usage), "", "");
    }

    private static (CompletionRequest?, string, string) Wrong(string parameter, string want) => (null, parameter, want);

    private static ChatMessage? ReadMessage(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object
            || !message.TryGetProperty("role"u8, out var role) || role.ValueKind != JsonValueKind.String
            || !message.TryGetProperty("content"u8, out var content) || ReadContent(content) is not { } text)
        {
            return null;
        }

        return role.GetString() switch
        {
            "system" or "developer" => new ChatMessage(ChatRole.System, text),
            "user" => new ChatMessage(ChatRole.User, text),
            "assistant" => new ChatMessage(ChatRole.Assistant, text),
            _ => null,
        };
    }

    /// <summary>A string, or an array of parts of which every one is text.</summary>
    private static string? ReadContent(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
            return content.GetString();
        if (content.ValueKind != JsonValueKind.Array)
            return null;

        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("text"u8, out var piece) || piece.ValueKind != JsonValueKind.String)
                return null;
            text.Append(piece.GetString());
        }

        return text.ToString();
    }

    private static bool ReadTemperature(JsonElement body, out double? temperature)
    {
        temperature = null;
        if (!body.TryGetProperty("temperature"u8, out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || number is < 0 or > 2)
            return false;
        temperature = number;
        return true;
    }

    private static bool ReadFlag(JsonElement body, string name, out bool flag)
    {
        flag = false;
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        flag = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}
