using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Oversight;

/// <summary>What an overseer wrote: the plaintext of an oversight entry's content. Each member is absent unless it was written.</summary>
internal sealed record OversightRemark
{
    public string? Note { get; init; }

    /// <summary>What the answer should have been; shown to the person who asked.</summary>
    public string? CorrectedAnswer { get; init; }

    /// <summary>Why the assistant was suspended.</summary>
    public string? Reason { get; init; }

    public static OversightRemark FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, OversightRemarkJson.Default.OversightRemark)!;

    /// <summary>Encrypts it for the entry, under the person's key of the entry's month.</summary>
    /// <returns>Null when that key was erased: then nothing about this person may be written.</returns>
    public async Task<byte[]?> SealAsync(TenantTransaction transaction, SubjectKeys keys, Guid subject, Guid entry, CancellationToken cancellationToken) =>
        await keys.ForAsync(transaction, subject, entry, cancellationToken) is { } key
            ? SubjectKeys.Seal(key, entry, JsonSerializer.SerializeToUtf8Bytes(this, Relaxed.OversightRemark))
            : null;

    /// <summary>Readable UTF-8: the bytes are encrypted, never shown as markup.</summary>
    private static OversightRemarkJson Relaxed { get; } =
        new(new JsonSerializerOptions(OversightRemarkJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OversightRemark))]
internal sealed partial class OversightRemarkJson : JsonSerializerContext;
