namespace LexCustis.Infrastructure.Audit;

/// <summary>Verdicts, each with its first sequence and a count.</summary>
internal sealed class ChainFindings
{
    private readonly Dictionary<string, ChainFinding> verdicts = new(StringComparer.Ordinal);

    public void Add(string verdict, long sequence, long count = 1) => verdicts[verdict] = verdicts.TryGetValue(verdict, out var known)
        ? known with { FirstSequence = Math.Min(known.FirstSequence, sequence), Count = known.Count + count }
        : new ChainFinding(verdict, sequence, count);

    public void Add(ChainFindings others)
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
