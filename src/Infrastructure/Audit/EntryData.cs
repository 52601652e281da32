using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The facts of an entry, out of the text that was hashed, for whoever shows entries.</summary>
internal static class EntryData
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("null").RootElement.Clone();

    /// <summary>A body's <c>data</c>. One that was tampered with may not be JSON any more: lists show the rest, and verification names it.</summary>
    public static JsonElement Of(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("data"u8, out var data) ? data.Clone() : Nothing;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return Nothing;
        }
    }
}
