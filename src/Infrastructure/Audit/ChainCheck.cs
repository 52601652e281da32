using System.Security.Cryptography;
using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>One row of <c>audit_logs</c> as it stands in the database, believed in nothing.</summary>
internal readonly record struct ChainRow(
    Guid OrganizationId, long Sequence, Guid Id, DateTimeOffset CreatedAt, string EventType, Guid? UserId,
    byte[] Body, byte[]? Content, Guid? SubjectId, byte[] PreviousHash, byte[] EntryHash);

/// <summary>
/// Recomputes a chain row by row, in order, in constant memory but for one pair a person and month. Section 7 of the audit chain's
/// format; knows no SQL, HTTP or clock. The checkpoint's verdicts are not made here: they need what stands outside of the rows.
/// </summary>
internal sealed class ChainCheck(Guid organization, MasterKeys masterKeys)
{
    private readonly Dictionary<string, byte[]> chainKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChainFinding> findings = new(StringComparer.Ordinal);
    private readonly Dictionary<(Guid Subject, DateOnly Month), long> usedKeys = [];
    private readonly HashSet<Guid> erasedSubjects = [];
    private readonly HashSet<DateOnly> expiredMonths = [];
    private byte[] lastHash = AuditEncoder.Genesis;

    public long Rows { get; private set; }

    /// <summary>Rows under a master key that is not current any more, which is fine.</summary>
    public long PreviousKeyRows { get; private set; }

    public long LastSequence { get; private set; }

    public ReadOnlySpan<byte> LastHash => lastHash;

    /// <summary>Verdicts in the order in which they were first met.</summary>
    public IReadOnlyCollection<ChainFinding> Findings => findings.Values;

    /// <summary>The people's keys that the rows need to be readable, with the first sequence that needs each.</summary>
    public IReadOnlyDictionary<(Guid Subject, DateOnly Month), long> UsedKeys => usedKeys;

    public void Add(in ChainRow row)
    {
        Rows++;
        if (row.Sequence != LastSequence + 1)
            Found(ChainVerdict.SequenceGap, LastSequence + 1);
        if (!row.PreviousHash.AsSpan().SequenceEqual(lastHash))
            Found(ChainVerdict.BrokenLink, row.Sequence);

        var body = ReadBody(row.Body);
        CheckHash(row, body?.Kid);
        if (body is not null)
        {
            CheckColumns(row, body);
            CheckContent(row, body);
        }

        LastSequence = row.Sequence;
        lastHash = row.EntryHash;
    }

    /// <summary>Names the keys that are gone although no entry says that they were erased or expired.</summary>
    /// <param name="present">Says whether a person's key of a month is still there.</param>
    public void CheckKeys(Func<Guid, DateOnly, bool> present)
    {
        foreach (var ((subject, month), sequence) in usedKeys)
        {
            if (!present(subject, month) && !erasedSubjects.Contains(subject) && !expiredMonths.Contains(month))
                Found(ChainVerdict.KeyMissingWithoutErasure, sequence);
        }
    }

    public void Found(string verdict, long sequence)
    {
        if (findings.TryGetValue(verdict, out var known))
            findings[verdict] = known with { FirstSequence = Math.Min(known.FirstSequence, sequence), Count = known.Count + 1 };
        else
            findings.Add(verdict, new ChainFinding(verdict, sequence, 1));
    }

    private void CheckHash(in ChainRow row, string? kid)
    {
        if (kid is null)
        {
            // What was hashed was JSON with a kid; this is not, so it is not what was hashed.
            Found(ChainVerdict.HashMismatch, row.Sequence);
            return;
        }

        if (!chainKeys.TryGetValue(kid, out var key))
        {
            if (!masterKeys.Knows(kid))
            {
                Found(ChainVerdict.UnknownKey, row.Sequence);
                return;
            }

            chainKeys.Add(kid, key = masterKeys.ChainKey(kid, organization));
        }

        if (kid != masterKeys.Current)
            PreviousKeyRows++;

        Span<byte> expected = stackalloc byte[AuditEncoder.HashLength];
        AuditEncoder.Hash(key, row.PreviousHash, row.Body, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, row.EntryHash))
            Found(ChainVerdict.HashMismatch, row.Sequence);
    }

    private void CheckColumns(in ChainRow row, Body body)
    {
        var same = body.Version == AuditEncoder.Version
            && body.Organization == organization && row.OrganizationId == organization
            && body.Sequence == row.Sequence
            && body.Id == row.Id
            && body.At == AuditEncoder.FormatTime(row.CreatedAt)
            && body.Type == row.EventType
            && body.User == row.UserId
            && body.Subject == row.SubjectId;
        if (!same)
            Found(ChainVerdict.ColumnMismatch, row.Sequence);
    }

    private void CheckContent(in ChainRow row, Body body)
    {
        if (row.Content is null != (body.ContentSha256 is null)
            || (row.Content is not null && !string.Equals(Convert.ToHexStringLower(SHA256.HashData(row.Content)), body.ContentSha256, StringComparison.Ordinal)))
        {
            Found(ChainVerdict.ContentMismatch, row.Sequence);
        }

        if (body.ContentSha256 is not null && body.Subject is { } subject)
            usedKeys.TryAdd((subject, SubjectKeys.MonthOf(body.Id)), row.Sequence);
        if (body.Type == "subject.erased" && body.Subject is { } erased)
            erasedSubjects.Add(erased);
        if (body.Type == "content.expired" && body.ExpiredMonths is { } months)
            expiredMonths.UnionWith(months);
    }

    /// <returns>Null when the text is not a JSON object with the members that every body has.</returns>
    private static Body? ReadBody(byte[] utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;

            var body = new Body();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "v": body.Version = reader.GetInt32(); break;
                    case "kid": body.Kid = reader.GetString(); break;
                    case "org": body.Organization = reader.GetGuid(); break;
                    case "seq": body.Sequence = reader.GetInt64(); break;
                    case "id": body.Id = reader.GetGuid(); break;
                    case "at": body.At = reader.GetString(); break;
                    case "type": body.Type = reader.GetString(); break;
                    case "subject": body.Subject = reader.GetGuid(); break;
                    case "content_sha256": body.ContentSha256 = reader.GetString(); break;
                    case "actor": ReadActor(ref reader, body); break;
                    case "data" when body.Type == "content.expired": ReadExpiredMonths(ref reader, body); break;
                    default: reader.Skip(); break;
                }
            }

            return body.Kid is null ? null : body;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void ReadActor(ref Utf8JsonReader reader, Body body)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var user = reader.ValueTextEquals("user_id"u8);
            reader.Read();
            if (user)
                body.User = reader.GetGuid();
            else
                reader.Skip();
        }
    }

    /// <summary><c>{"months":["2026-05-01", …]}</c>.</summary>
    private static void ReadExpiredMonths(ref Utf8JsonReader reader, Body body)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var months = reader.ValueTextEquals("months"u8);
            reader.Read();
            if (!months)
            {
                reader.Skip();
                continue;
            }

            body.ExpiredMonths = [];
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
                body.ExpiredMonths.Add(DateOnly.ParseExact(reader.GetString()!, "yyyy-MM-dd"));
        }
    }

    private sealed class Body
    {
        public int Version { get; set; }

        public string? Kid { get; set; }

        public Guid Organization { get; set; }

        public long Sequence { get; set; }

        public Guid Id { get; set; }

        public string? At { get; set; }

        public string? Type { get; set; }

        public Guid? User { get; set; }

        public Guid? Subject { get; set; }

        public string? ContentSha256 { get; set; }

        public List<DateOnly>? ExpiredMonths { get; set; }
    }
}

/// <summary>What verification may find, in the words of the audit chain's format.</summary>
internal static class ChainVerdict
{
    public const string HashMismatch = "hash_mismatch";
    public const string BrokenLink = "broken_link";
    public const string SequenceGap = "sequence_gap";
    public const string ColumnMismatch = "column_mismatch";
    public const string ContentMismatch = "content_mismatch";
    public const string UnknownKey = "unknown_key";
    public const string KeyMissingWithoutErasure = "key_missing_without_erasure";
}

/// <param name="FirstSequence">The first place concerned; of a gap, the first number that is missing.</param>
internal sealed record ChainFinding(string Verdict, long FirstSequence, long Count);
