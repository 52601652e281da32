using System.Text.Json;

namespace LexCustis.Features.Dossier;

internal sealed record DossierFile(long Size, string Sha256);

/// <summary>What a dossier says that it holds.</summary>
internal sealed record DossierManifest(Guid Organization, long First, long Last, IReadOnlyDictionary<string, DossierFile> Files)
{
    /// <exception cref="DossierException">It is no manifest.</exception>
    public static DossierManifest Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("format").GetString() != DossierArchive.Format)
                throw new DossierException("it is not a manifest of a dossier");
            var files = new Dictionary<string, DossierFile>(StringComparer.Ordinal);
            foreach (var file in root.GetProperty("files").EnumerateArray())
                files.Add(file.GetProperty("name").GetString()!, new DossierFile(file.GetProperty("size").GetInt64(), file.GetProperty("sha256").GetString()!));
            return new DossierManifest(root.GetProperty("organization_id").GetGuid(), root.GetProperty("first_sequence").GetInt64(), root.GetProperty("last_sequence").GetInt64(), files);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new DossierException("it is not a manifest of a dossier");
        }
    }
}

/// <summary>A line of <c>audit/entries.jsonl</c>, its form checked.</summary>
internal sealed record DossierEntry(long Sequence, byte[] Body, string PreviousHash, string EntryHash, long BodySequence, Guid BodyOrganization)
{
    private static readonly string[] Members = ["sequence", "body", "previous_hash", "entry_hash"];
    private static readonly string[] BodyMembers = ["v", "kid", "org", "seq", "id", "at", "type", "actor", "subject", "content_sha256", "data"];
    private static readonly string[] OptionalMembers = ["actor", "subject", "content_sha256"];

    /// <param name="line">Without its line feed.</param>
    /// <exception cref="DossierException">Its form is not the format's; other malformed text throws what its reader throws.</exception>
    public static DossierEntry Read(ReadOnlyMemory<byte> line)
    {
        using var row = JsonDocument.Parse(line);
        if (row.RootElement.ValueKind != JsonValueKind.Object || !row.RootElement.EnumerateObject().Select(static member => member.Name).SequenceEqual(Members))
            throw new DossierException("its members are not sequence, body, previous_hash, entry_hash");
        var body = System.Text.Encoding.UTF8.GetBytes(row.RootElement.GetProperty("body").GetString() ?? "");
        using var parsed = JsonDocument.Parse(body);
        var names = parsed.RootElement.EnumerateObject().Select(static member => member.Name).ToList();
        if (!names.SequenceEqual(BodyMembers.Where(name => names.Contains(name) || !OptionalMembers.Contains(name))))
            throw new DossierException("the body's members are not those of the format, in its order");
        if (parsed.RootElement.GetProperty("v").GetInt32() != AuditVersion)
            throw new DossierException("the body is of another version than 1");
        return new DossierEntry(
            row.RootElement.GetProperty("sequence").GetInt64(), body, HashOf(row.RootElement, "previous_hash"), HashOf(row.RootElement, "entry_hash"),
            parsed.RootElement.GetProperty("seq").GetInt64(), parsed.RootElement.GetProperty("org").GetGuid());
    }

    private const int AuditVersion = LexCustis.Infrastructure.Audit.AuditEncoder.Version;

    private static string HashOf(JsonElement row, string name) =>
        row.GetProperty(name).GetString() is { Length: 64 } hash && hash.All(char.IsAsciiHexDigitLower) ? hash : throw new DossierException("a hash is not 64 hexadecimal digits");
}
