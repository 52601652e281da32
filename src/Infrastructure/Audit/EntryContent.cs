using System.Security.Cryptography;
using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>What an entry holds, as readers of the log show it.</summary>
internal static class EntryContent
{
    /// <summary>Stands for content whose key is gone.</summary>
    public static readonly JsonElement Erased = JsonDocument.Parse("\"erased\"").RootElement.Clone();

    private static readonly JsonElement Unreadable = JsonDocument.Parse("null").RootElement.Clone();

    /// <summary>Decrypts an entry's content. Whoever shows it appends <c>audit.content_read</c> first.</summary>
    /// <returns>The object, <see cref="Erased"/>, or null when the entry has none.</returns>
    /// <exception cref="CryptographicException">Content, entry and key do not belong together, or the master key is not configured.</exception>
    public static async Task<JsonElement?> OpenAsync(SubjectKeys.Reader keys, Guid? subject, Guid entry, byte[]? content, CancellationToken cancellationToken)
    {
        if (content is null || subject is not { } owner)
            return null;
        if (await keys.OpenAsync(owner, entry, content, cancellationToken) is not { } plain)
            return Erased;
        using var document = JsonDocument.Parse(plain);
        return document.RootElement.Clone();
    }

    public static bool IsReadable(JsonElement? content) => content is { ValueKind: JsonValueKind.Object };

    /// <summary>The body's <c>data</c>. A body that was tampered with may not be JSON any more: lists show the rest, and verification names it.</summary>
    public static JsonElement DataOf(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("data"u8, out var data) ? data.Clone() : Unreadable;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return Unreadable;
        }
    }
}
