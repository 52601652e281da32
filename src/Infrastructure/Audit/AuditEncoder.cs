using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The bytes of an entry and its hash: sections 1 and 2 of the audit chain's format. Knows no HTTP, SQL or clock.</summary>
internal static class AuditEncoder
{
    public const int HashLength = 32;
    public const int Version = 1;

    /// <summary>Bytes of a time as the body has it.</summary>
    public const int TimeLength = 27;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>What sequence 1 follows.</summary>
    public static readonly byte[] Genesis = new byte[HashLength];

    // The body is data to be hashed, never markup, so nothing needs more escaping than JSON's own.
    private static readonly JsonWriterOptions Compact = new() { Encoder = PlainJsonEncoder.Instance, SkipValidation = true };

    /// <summary>Writes the body of <paramref name="entry"/> at its place in the chain: compact UTF-8 JSON, members in the format's order.</summary>
    public static void WriteBody(IBufferWriter<byte> output, AuditEntry entry, string kid, long sequence, DateTimeOffset at)
    {
        using var json = new Utf8JsonWriter(output, Compact);
        json.WriteStartObject();
        json.WriteNumber("v"u8, Version);
        json.WriteString("kid"u8, kid);
        json.WriteString("org"u8, entry.OrganizationId);
        json.WriteNumber("seq"u8, sequence);
        json.WriteString("id"u8, entry.Id);
        WriteTime(json, "at"u8, at);
        json.WriteString("type"u8, entry.Type);
        if (entry.Actor is { } actor)
        {
            json.WriteStartObject("actor"u8);
            json.WriteString("user_id"u8, actor.UserId);
            json.WriteString("role"u8, actor.Role);
            json.WriteString("via"u8, actor.Via);
            json.WriteEndObject();
        }

        if (entry.SubjectId is { } subject)
            json.WriteString("subject"u8, subject);

        if (entry.Content is { } content)
        {
            json.WriteString("content_sha256"u8, Convert.ToHexStringLower(SHA256.HashData(content)));
        }

        json.WritePropertyName("data"u8);
        json.WriteRawValue(entry.Data.Span, skipInputValidation: true);
        json.WriteEndObject();
    }

    /// <summary><c>HMAC-SHA256(chainKey, previousHash || body)</c>.</summary>
    public static void Hash(ReadOnlySpan<byte> chainKey, ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> body, Span<byte> entryHash)
    {
        var length = HashLength + body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        previousHash.CopyTo(rented);
        body.CopyTo(rented.AsSpan(HashLength));
        HMACSHA256.HashData(chainKey, rented.AsSpan(0, length), entryHash);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>The clock's time cut to microseconds, which is what both the body and PostgreSQL keep.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return new DateTimeOffset(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    /// <summary>RFC 3339 with exactly six fractional digits and <c>Z</c>.</summary>
    public static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <param name="text">Of <see cref="TimeLength"/> bytes.</param>
    public static void FormatTime(DateTimeOffset time, Span<byte> text) => time.UtcDateTime.TryFormat(text, out _, TimeFormat, CultureInfo.InvariantCulture);

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[TimeLength];
        FormatTime(time, text);
        json.WriteString(name, text);
    }
}
