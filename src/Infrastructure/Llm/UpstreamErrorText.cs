using System.Text;
using System.Text.Json;

namespace LexCustis.Infrastructure.Llm;

/// <summary>An upstream's own words about an error, made fit to show: short, on one line, and without what the request carried.</summary>
internal static class UpstreamErrorText
{
    private const int MaxLength = 200;

    /// <summary>Runs of this many characters in common with the key are an echo of it.</summary>
    private const int KeyRun = 8;

    /// <summary>The same for the prompt: long enough that shared phrases ("the model") are none.</summary>
    private const int PromptRun = 24;

    /// <summary>The message of an error body: OpenAI's <c>error.message</c>, Ollama's <c>error</c>, Mistral's <c>message</c>; null for any other.</summary>
    public static string? FromBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return Text(root, "error") ?? Text(Property(root, "error"), "message") ?? Text(root, "message");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The message cut to size, or null when nothing is left or when it repeats part of the key or of the prompt.</summary>
    public static string? Clean(string? message, string? apiKey, IReadOnlyList<ChatMessage> prompt)
    {
        if (message is null)
            return null;

        var text = new StringBuilder(MaxLength);
        foreach (var rune in message.EnumerateRunes())
        {
            if (text.Length + rune.Utf16SequenceLength > MaxLength)
                break;
            var category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
                text.Append(text is [.., not ' '] ? " " : "");
            else if (category != System.Globalization.UnicodeCategory.Format)
                text.Append(rune.ToString());
        }

        var clean = text.ToString().Trim(' ', '.');
        if (clean.Length == 0 || Echoes(clean, apiKey, KeyRun) || prompt.Any(m => Echoes(clean, m.Content, PromptRun)))
            return null;
        return clean;
    }

    private static bool Echoes(string text, string? secret, int run)
    {
        if (string.IsNullOrWhiteSpace(secret))
            return false;
        if (secret.Length <= run)
            return text.Contains(secret, StringComparison.OrdinalIgnoreCase);
        for (var start = 0; start + run <= text.Length; start++)
            if (secret.AsSpan().Contains(text.AsSpan(start, run), StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
