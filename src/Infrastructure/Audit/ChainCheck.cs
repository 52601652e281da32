using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>One row of <c>audit_logs</c> as it stands in the database, believed in nothing. It points into its reader's buffer.</summary>
internal readonly ref struct ChainRow
{
    public required Guid OrganizationId { get; init; }

    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required ReadOnlySpan<byte> EventType { get; init; }

    public required Guid? UserId { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Whether the column has a value, be it an empty one.</summary>
    public required bool HasContent { get; init; }

    public required ReadOnlySpan<byte> Content { get; init; }

    public required Guid? SubjectId { get; init; }

    public required ReadOnlySpan<byte> PreviousHash { get; init; }

    public required ReadOnlySpan<byte> EntryHash { get; init; }
}

/// <summary>
/// Recomputes a chain row by row, in order, in constant memory but for one pair a person and month. Section 7 of the audit chain's format;
/// knows no SQL, HTTP or clock. A chain may be checked in segments, by several at once, and put together afterwards. The checkpoints'
/// verdicts are <see cref="TreeCheck"/>'s.
/// </summary>
internal sealed class ChainCheck : IDisposable
{
    private readonly Guid organization;
    private readonly MasterKeys masterKeys;
    private readonly bool segment;
    private readonly Findings findings = new();
    private readonly Dictionary<(Guid Subject, DateOnly Month), long> usedKeys = [];
    private readonly HashSet<Guid> erasedSubjects = [];
    private readonly HashSet<DateOnly> expiredMonths = [];
    private readonly Dictionary<string, EntryHasher> hashers = new(StringComparer.Ordinal);
    private EntryHasher? lastHasher;
    private long firstSequence;
    private byte[] firstPreviousHash = AuditEncoder.Genesis;
    private byte[] lastHash = [.. AuditEncoder.Genesis];

    /// <param name="segment">True when the first row is not the chain's: whatever comes before it is <see cref="Append"/>'s to compare.</param>
    public ChainCheck(Guid organization, MasterKeys masterKeys, bool segment = false) =>
        (this.organization, this.masterKeys, this.segment) = (organization, masterKeys, segment);

    public long Rows { get; private set; }

    /// <summary>Rows under a master key that is not current any more, which is fine.</summary>
    public long PreviousKeyRows { get; private set; }

    public long LastSequence { get; private set; }

    public ReadOnlySpan<byte> LastHash => lastHash;

    /// <summary>Verdicts in the order of the first sequences that they concern.</summary>
    public IReadOnlyList<ChainFinding> Findings => findings.InOrder();

    public void Add(in ChainRow row)
    {
        if (Rows == 0 && segment)
            (firstSequence, firstPreviousHash) = (row.Sequence, row.PreviousHash.ToArray());
        else
            CheckLink(row.Sequence, row.PreviousHash);
        Rows++;

        var body = new EntryBody();
        var readable = body.TryRead(row.Body);
        CheckHash(row, readable, body);
        if (readable)
        {
            CheckColumns(row, body);
            CheckContent(row, body);
        }

        LastSequence = row.Sequence;
        Keep(row.EntryHash);
    }

    /// <summary>Appends the segment that follows.</summary>
    public void Append(ChainCheck next)
    {
        if (next.Rows == 0)
            return;
        CheckLink(next.firstSequence, next.firstPreviousHash);
        findings.Add(next.findings);
        foreach (var (key, sequence) in next.usedKeys)
            usedKeys.TryAdd(key, sequence);
        erasedSubjects.UnionWith(next.erasedSubjects);
        expiredMonths.UnionWith(next.expiredMonths);
        Rows += next.Rows;
        PreviousKeyRows += next.PreviousKeyRows;
        LastSequence = next.LastSequence;
        Keep(next.lastHash);
    }

    /// <summary>Names the keys that are gone although no entry says that they were erased or expired.</summary>
    /// <param name="present">Says whether a person's key of a month is still there.</param>
    public void CheckKeys(Func<Guid, DateOnly, bool> present)
    {
        foreach (var ((subject, month), sequence) in usedKeys)
        {
            if (!present(subject, month) && !erasedSubjects.Contains(subject) && !expiredMonths.Contains(month))
                findings.Add(ChainVerdict.KeyMissingWithoutErasure, sequence);
        }
    }

    /// <summary>Lets go of the hashes that were set up; what was found stays.</summary>
    public void Dispose()
    {
        foreach (var hasher in hashers.Values)
            hasher.Dispose();
    }

    private void CheckLink(long sequence, ReadOnlySpan<byte> previousHash)
    {
        if (sequence != LastSequence + 1)
            findings.Add(ChainVerdict.SequenceGap, LastSequence + 1);
        if (!previousHash.SequenceEqual(lastHash))
            findings.Add(ChainVerdict.BrokenLink, sequence);
    }

    private void Keep(ReadOnlySpan<byte> entryHash)
    {
        // Whoever drops the table's constraints may store a hash of any length.
        if (entryHash.Length != lastHash.Length)
            lastHash = new byte[entryHash.Length];
        entryHash.CopyTo(lastHash);
    }

    private void CheckHash(in ChainRow row, bool readable, in EntryBody body)
    {
        if (!readable)
        {
            // What was hashed was JSON with a kid; this is not, so it is not what was hashed.
            findings.Add(ChainVerdict.HashMismatch, row.Sequence);
            return;
        }

        // Entries that follow each other nearly always have the same key.
        if (lastHasher is null || !lastHasher.Kid.SequenceEqual(body.Kid))
            lastHasher = FindHasher(Encoding.UTF8.GetString(body.Kid));
        if (lastHasher is null)
        {
            findings.Add(ChainVerdict.UnknownKey, row.Sequence);
            return;
        }

        if (lastHasher.IsPrevious)
            PreviousKeyRows++;
        if (!lastHasher.Verify(row.PreviousHash, row.Body, row.EntryHash))
            findings.Add(ChainVerdict.HashMismatch, row.Sequence);
    }

    private EntryHasher? FindHasher(string kid)
    {
        if (hashers.TryGetValue(kid, out var known) || !masterKeys.Knows(kid))
            return known;
        var hasher = new EntryHasher(kid, masterKeys.ChainKey(kid, organization), kid != masterKeys.Current);
        hashers.Add(kid, hasher);
        return hasher;
    }

    private void CheckColumns(in ChainRow row, in EntryBody body)
    {
        Span<byte> at = stackalloc byte[AuditEncoder.TimeLength];
        AuditEncoder.FormatTime(row.CreatedAt, at);
        var same = body.Version == AuditEncoder.Version
            && body.Organization == organization && row.OrganizationId == organization
            && body.Sequence == row.Sequence
            && body.Id == row.Id
            && body.At.SequenceEqual(at)
            && body.Type.SequenceEqual(row.EventType)
            && body.User == row.UserId
            && body.Subject == row.SubjectId;
        if (!same)
            findings.Add(ChainVerdict.ColumnMismatch, row.Sequence);
    }

    private void CheckContent(in ChainRow row, in EntryBody body)
    {
        if (row.HasContent != body.HasContent || (row.HasContent && !IsHashOf(body.ContentSha256, row.Content)))
            findings.Add(ChainVerdict.ContentMismatch, row.Sequence);

        if (body.HasContent && body.Subject is { } subject)
            usedKeys.TryAdd((subject, SubjectKeys.MonthOf(body.Id)), row.Sequence);
        if (body.Subject is { } erased && body.Type.SequenceEqual("subject.erased"u8))
            erasedSubjects.Add(erased);
        if (body.ExpiredMonths is { } months)
            expiredMonths.UnionWith(months);
    }

    private static bool IsHashOf(ReadOnlySpan<byte> hexadecimal, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        Span<byte> text = stackalloc byte[2 * SHA256.HashSizeInBytes];
        for (var index = 0; index < hash.Length; index++)
        {
            text[2 * index] = "0123456789abcdef"u8[hash[index] >> 4];
            text[(2 * index) + 1] = "0123456789abcdef"u8[hash[index] & 15];
        }

        return hexadecimal.SequenceEqual(text);
    }

    /// <summary>One key's HMAC over <c>previous_hash || body</c>: set up once, since setting it up costs more than a row does.</summary>
    private sealed class EntryHasher(string kid, byte[] chainKey, bool isPrevious) : IDisposable
    {
        private readonly byte[] name = Encoding.UTF8.GetBytes(kid);
        private readonly IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, chainKey);

        public ReadOnlySpan<byte> Kid => name;

        /// <summary>Whether the master key is an older one.</summary>
        public bool IsPrevious { get; } = isPrevious;

        public bool Verify(ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> body, ReadOnlySpan<byte> entryHash)
        {
            Span<byte> expected = stackalloc byte[AuditEncoder.HashLength];
            hmac.AppendData(previousHash);
            hmac.AppendData(body);
            hmac.GetHashAndReset(expected);
            return CryptographicOperations.FixedTimeEquals(expected, entryHash);
        }

        public void Dispose() => hmac.Dispose();
    }

    /// <summary>What verification compares of a body, as spans of it.</summary>
    private ref struct EntryBody
    {
        public long Version;
        public ReadOnlySpan<byte> Kid;
        public Guid Organization;
        public long Sequence;
        public Guid Id;
        public ReadOnlySpan<byte> At;
        public ReadOnlySpan<byte> Type;
        public Guid? User;
        public Guid? Subject;
        public bool HasContent;
        public ReadOnlySpan<byte> ContentSha256;
        public List<DateOnly>? ExpiredMonths;

        /// <returns>False when the text is not a JSON object with the members that every body has.</returns>
        public bool TryRead(ReadOnlySpan<byte> utf8)
        {
            try
            {
                var reader = new Utf8JsonReader(utf8);
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                    return false;

                var hasKid = false;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("data"u8))
                        ReadData(ref reader);
                    else if (reader.ValueTextEquals("v"u8))
                        Version = Next(ref reader).GetInt32();
                    else if (reader.ValueTextEquals("kid"u8))
                    {
                        Kid = NextText(ref reader);
                        hasKid = true;
                    }
                    else if (reader.ValueTextEquals("org"u8))
                        Organization = Next(ref reader).GetGuid();
                    else if (reader.ValueTextEquals("seq"u8))
                        Sequence = Next(ref reader).GetInt64();
                    else if (reader.ValueTextEquals("id"u8))
                        Id = Next(ref reader).GetGuid();
                    else if (reader.ValueTextEquals("at"u8))
                        At = NextText(ref reader);
                    else if (reader.ValueTextEquals("type"u8))
                        Type = NextText(ref reader);
                    else if (reader.ValueTextEquals("actor"u8))
                        ReadActor(ref reader);
                    else if (reader.ValueTextEquals("subject"u8))
                        Subject = Next(ref reader).GetGuid();
                    else if (reader.ValueTextEquals("content_sha256"u8))
                    {
                        ContentSha256 = NextText(ref reader);
                        HasContent = true;
                    }
                    else
                        Next(ref reader).Skip();
                }

                return hasKid;
            }
            catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
            {
                return false;
            }
        }

        private static ref Utf8JsonReader Next(ref Utf8JsonReader reader)
        {
            reader.Read();
            return ref reader;
        }

        /// <summary>The text as it stands there: what the product writes into these members needs no escapes.</summary>
        private static ReadOnlySpan<byte> NextText(scoped ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.TokenType == JsonTokenType.String ? reader.ValueSpan : throw new JsonException();
        }

        private void ReadActor(ref Utf8JsonReader reader)
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var user = reader.ValueTextEquals("user_id"u8);
                reader.Read();
                if (user)
                    User = reader.GetGuid();
                else
                    reader.Skip();
            }
        }

        /// <summary>Of <c>content.expired</c>: <c>{"months":["2026-05-01", …]}</c>. Other events' facts are not compared with anything.</summary>
        private void ReadData(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (!Type.SequenceEqual("content.expired"u8))
            {
                reader.Skip();
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var months = reader.ValueTextEquals("months"u8);
                reader.Read();
                if (!months)
                {
                    reader.Skip();
                    continue;
                }

                ExpiredMonths = [];
                while (reader.Read() && reader.TokenType == JsonTokenType.String)
                    ExpiredMonths.Add(DateOnly.ParseExact(reader.GetString()!, "yyyy-MM-dd"));
            }
        }
    }
}

/// <summary>Verdicts, each with its first sequence and a count.</summary>
internal sealed class Findings
{
    private readonly Dictionary<string, ChainFinding> verdicts = new(StringComparer.Ordinal);

    public void Add(string verdict, long sequence, long count = 1) => verdicts[verdict] = verdicts.TryGetValue(verdict, out var known)
        ? known with { FirstSequence = Math.Min(known.FirstSequence, sequence), Count = known.Count + count }
        : new ChainFinding(verdict, sequence, count);

    public void Add(Findings others)
    {
        foreach (var other in others.verdicts.Values)
            Add(other.Verdict, other.FirstSequence, other.Count);
    }

    public List<ChainFinding> InOrder() => [.. verdicts.Values.OrderBy(static finding => finding.FirstSequence).ThenBy(static finding => finding.Verdict, StringComparer.Ordinal)];
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
    public const string Truncated = "truncated";
    public const string Rewritten = "rewritten";
    public const string OrganizationMissing = "organization_missing";
    public const string CheckpointInvalid = "checkpoint_invalid";
}

/// <param name="FirstSequence">The first place concerned; of a gap, the first number that is missing.</param>
internal sealed record ChainFinding(string Verdict, long FirstSequence, long Count);
