using System.Security.Cryptography;
using System.Text;

namespace LexCustis.Infrastructure.Audit;

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
    private readonly ChainFindings findings = new();
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
}
