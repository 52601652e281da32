namespace LexCustis.Infrastructure.Audit;

/// <summary>What somebody signed: that the log's first <paramref name="Size"/> entries have that root.</summary>
/// <param name="Note">Null for a line of the list of organizations, whose signature is the list's.</param>
/// <param name="Source">Where it was read.</param>
/// <param name="Readable">False for what stands where a checkpoint of this organization should, and is none.</param>
internal sealed record SignedTree(long Size, byte[] Root, SignedNote? Note, SignedTreeSource Source, bool Readable = true)
{
    /// <summary>Whether its source has none after it.</summary>
    public bool IsLast { get; set; }
}

internal enum SignedTreeSource
{
    Database,
    AnchorFile,
    OrganizationList,
}

/// <summary>The tree over one segment of a log, whose root is needed wherever somebody signed one.</summary>
/// <param name="start">Entries before the segment, a multiple of the size of all segments.</param>
/// <param name="signed">What was signed of trees that end in this segment or between it and the one before, the smallest first.</param>
internal sealed class TreeSegment(long start, IReadOnlyList<SignedTree> signed)
{
    private readonly byte[]?[] roots = new byte[signed.Count][];
    private readonly MerkleFrontier tree = new();
    private int next;
    private bool whole = true;

    public long Start { get; } = start;

    public IReadOnlyList<SignedTree> Signed { get; } = signed;

    /// <summary>The segment's own tree; null once an entry was missing or out of its place.</summary>
    public MerkleFrontier? Tree => whole ? tree : null;

    /// <param name="leaf">32 bytes.</param>
    public void Add(long sequence, ReadOnlySpan<byte> leaf)
    {
        whole &= sequence == Start + tree.Size + 1;
        if (!whole)
            return;
        tree.Append(leaf);
        while (next < Signed.Count && Signed[next].Size <= sequence)
        {
            if (Signed[next].Size == sequence)
                roots[next] = tree.Root();
            next++;
        }
    }

    /// <summary>The root that the segment's entries have up to the one that was signed for; null where that entry was not reached.</summary>
    public byte[]? RootAt(int place) => roots[place];
}

/// <summary>
/// Holds a log's tree against everything that was signed of it. A tree whose root agrees vouches for all entries before it, so a signature
/// matters where a root does not agree, and of the last one: a forged note is no evidence against the entries, but of another attack.
/// </summary>
/// <param name="last">The log's last sequence.</param>
internal sealed class TreeCheck(CheckpointKeys? keys, long last)
{
    private readonly MerkleFrontier tree = new();
    private readonly ChainFindings findings = new();
    private bool whole = true;
    private long agreed;
    private long largest;
    private bool disagreed;

    /// <summary>The largest tree that anything vouches for; 0 without any.</summary>
    public long LatestSize { get; private set; }

    /// <summary>Notes whose signature nobody here can check.</summary>
    public long Unverified { get; private set; }

    public IReadOnlyList<ChainFinding> Findings => findings.InOrder();

    /// <summary>Appends the segment that follows.</summary>
    public void Append(TreeSegment segment)
    {
        whole &= segment.Start == tree.Size;
        for (var place = 0; place < segment.Signed.Count; place++)
        {
            var root = whole && segment.RootAt(place) is { } own ? tree.RootWith(own) : null;
            Compare(segment.Signed[place], root);
        }

        whole &= segment.Tree is not null;
        if (whole)
            tree.Append(segment.Tree!);
    }

    /// <summary>For what was signed of entries after the last.</summary>
    public void Beyond(SignedTree signed) => Compare(signed, root: null);

    /// <summary>Call once, after all: names what is missing at the end.</summary>
    public void Finish()
    {
        if (last == 0 && largest > 0)
            findings.Add(ChainVerdict.OrganizationMissing, 1, largest);
        else if (largest > last)
            findings.Add(ChainVerdict.Truncated, last + 1, largest - last);
    }

    private void Compare(SignedTree signed, byte[]? root)
    {
        if (!signed.Readable)
        {
            findings.Add(ChainVerdict.CheckpointInvalid, Math.Max(signed.Size, 1));
            return;
        }

        var unknown = signed.Note is { } note && keys?.Knows(note) != true;
        if (unknown)
            Unverified++;
        var agrees = root is not null && root.AsSpan().SequenceEqual(signed.Root);
        if (!unknown && (!agrees || signed.IsLast) && signed.Note is { } judged)
        {
            var standing = keys!.Judge(judged);
            // A crash may tear a file's note, and then it says nothing; a row of the database is whole or was changed.
            if (standing == NoteStanding.Forged || (standing == NoteStanding.Torn && signed.Source == SignedTreeSource.Database))
                findings.Add(ChainVerdict.CheckpointInvalid, Math.Max(signed.Size, 1));
            if (standing != NoteStanding.Signed)
                return;
        }

        if (agrees)
        {
            if (!disagreed)
                agreed = Math.Max(agreed, signed.Size);
            LatestSize = Math.Max(LatestSize, signed.Size);
            return;
        }

        LatestSize = Math.Max(LatestSize, signed.Size);
        if (signed.Size > last)
        {
            largest = Math.Max(largest, signed.Size);
            return;
        }

        disagreed = true;
        findings.Add(ChainVerdict.Rewritten, agreed + 1);
    }
}
