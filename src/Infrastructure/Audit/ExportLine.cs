using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>An entry as exports and dossiers show it: <c>{sequence, body, previous_hash, entry_hash}</c>, the body as the exact text that was hashed.</summary>
internal static class ExportLine
{
    /// <param name="previousHash">Hexadecimal, as is <paramref name="entryHash"/>.</param>
    public static void Write(Utf8JsonWriter json, long sequence, string body, string previousHash, string entryHash)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence"u8, sequence);
        json.WriteString("body"u8, body);
        json.WriteString("previous_hash"u8, previousHash);
        json.WriteString("entry_hash"u8, entryHash);
        json.WriteEndObject();
    }
}
