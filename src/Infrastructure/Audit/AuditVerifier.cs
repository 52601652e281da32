using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Verifies an organization's whole log from its rows, and holds it against all that was signed of it: the same code for the API, the command
/// and the dossier. Segments of the log are read and recomputed side by side, in one snapshot, and put together in their order; memory does
/// not grow with the log.
/// </summary>
internal sealed class AuditVerifier(TenantDatabase database, MasterKeys masterKeys, CheckpointSettings checkpoints, TimeProvider clock)
{
    /// <summary>Segments under way at once. PostgreSQL works for each as well, so more than the processors is more than there is work for.</summary>
    private static readonly int Parallelism = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Entries a segment, a power of two, so that each is one subtree: large enough that beginning one costs nothing to speak of.</summary>
    public long SegmentSize { get; init; } = 1 << 14;

    /// <summary>Reads every row, in order, in one snapshot; what is appended meanwhile is for the next time.</summary>
    /// <param name="progress">Told after each segment; may be null.</param>
    /// <exception cref="AnchorException">The anchor directory cannot be read.</exception>
    public async Task<VerificationReport> VerifyAsync(TenantContext tenant, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginSnapshotAsync(tenant, cancellationToken);
        return await VerifyAsync(transaction, Parallelism, progress, cancellationToken);
    }

    /// <summary>The same for the product itself: the command and the dossier.</summary>
    /// <param name="parallelism">Segments at once; by default as many as there are processors, 4 at most.</param>
    public async Task<VerificationReport> VerifyAsync(
        Guid organization, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken, int? parallelism = null)
    {
        await using var transaction = await database.BeginSnapshotAsync(organization, cancellationToken);
        return await VerifyAsync(transaction, parallelism ?? Parallelism, progress, cancellationToken);
    }

    private async Task<VerificationReport> VerifyAsync(
        TenantTransaction transaction, int parallelism, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var organization = transaction.OrganizationId;
        var snapshot = await transaction.ExportSnapshotAsync(cancellationToken);
        var last = await transaction.ScalarAsync<long>("SELECT max(sequence) FROM audit_logs WHERE organization_id = $1", [organization], cancellationToken);
        using var chain = new ChainCheck(organization, masterKeys);
        var tree = new TreeCheck(checkpoints.Keys, last);
        await using var signing = await database.BeginSnapshotAsync(organization, snapshot, cancellationToken);
        await using var signed = await SignedTrees.OpenAsync(signing, checkpoints.Anchors, checkpoints.Keys, cancellationToken);
        progress?.Report(new VerificationProgress(0, last));

        await using (var workers = new Workers(database, masterKeys, organization, snapshot))
        {
            var running = new Queue<Task<Segment>>();
            try
            {
                long? next = long.MinValue;
                while (true)
                {
                    while (running.Count < parallelism && next is { } from && await FindFirstAsync(transaction, from, cancellationToken) is { } first)
                    {
                        // Aligned to the tree; past any gap, however long.
                        var end = (first - 1) | (SegmentSize - 1);
                        var start = end - (SegmentSize - 1);
                        end = end == long.MaxValue ? end : end + 1;
                        next = end == long.MaxValue ? null : end + 1;
                        var part = new TreeSegment(start, await signed.TakeAsync(Math.Min(end, last), cancellationToken));
                        running.Enqueue(workers.CheckAsync(part, first, end, cancellationToken));
                        if (end >= last)
                            next = null;
                    }

                    if (!running.TryDequeue(out var oldest))
                        break;
                    var segment = await oldest;
                    chain.Append(segment.Chain);
                    tree.Append(segment.Tree);
                    progress?.Report(new VerificationProgress(chain.Rows, last));
                }
            }
            finally
            {
                // Nobody may go on reading with a connection that is given back.
                foreach (var segment in running)
                    await ((Task)segment).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        foreach (var beyond in await signed.TakeAsync(long.MaxValue, cancellationToken))
            tree.Beyond(beyond);
        tree.Finish();
        var present = await ReadKeysAsync(transaction, cancellationToken);
        chain.CheckKeys((subject, month) => present.Contains((subject, month)));
        var findings = chain.Findings.Concat(tree.Findings).OrderBy(static finding => finding.FirstSequence).ToList();
        return new VerificationReport
        {
            OrganizationId = organization,
            Valid = findings.Count == 0,
            Rows = chain.Rows,
            PreviousKey = chain.PreviousKeyRows,
            Head = new ChainHead(chain.LastSequence, Convert.ToHexStringLower(chain.LastHash)),
            Checkpoints = new CheckpointsCompared(signed.Stored, signed.Anchored, tree.LatestSize, tree.Unverified),
            Findings = findings,
            VerifiedAt = clock.GetUtcNow(),
            DurationMs = clock.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    private static Task<long?> FindFirstAsync(TenantTransaction transaction, long from, CancellationToken cancellationToken) => transaction.ScalarAsync<long?>(
        "SELECT min(sequence) FROM audit_logs WHERE organization_id = $1 AND sequence >= $2", [transaction.OrganizationId, from], cancellationToken);

    private static async Task<HashSet<(Guid, DateOnly)>> ReadKeysAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        var keys = await transaction.ListAsync(
            "SELECT subject_id, month FROM subject_keys WHERE organization_id = $1 AND wrapped_key IS NOT NULL",
            [transaction.OrganizationId], static row => (row.GetGuid(0), row.GetFieldValue<DateOnly>(1)), cancellationToken);
        return [.. keys];
    }

    private sealed record Segment(ChainCheck Chain, TreeSegment Tree);

    /// <summary>Transactions that share one snapshot, each lent to one segment at a time.</summary>
    private sealed class Workers(TenantDatabase database, MasterKeys masterKeys, Guid organization, string snapshot) : IAsyncDisposable
    {
        private readonly Stack<TenantTransaction> idle = new();

        public async Task<Segment> CheckAsync(TreeSegment tree, long first, long last, CancellationToken cancellationToken)
        {
            var transaction = Borrow() ?? await database.BeginSnapshotAsync(organization, snapshot, cancellationToken);
            try
            {
                // Off the caller's thread: what follows is work for a processor.
                return await Task.Run(() => ReadAsync(transaction, tree, first, last, cancellationToken), cancellationToken);
            }
            finally
            {
                lock (idle)
                    idle.Push(transaction);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var transaction in idle)
                await transaction.DisposeAsync();
        }

        private TenantTransaction? Borrow()
        {
            lock (idle)
                return idle.TryPop(out var transaction) ? transaction : null;
        }

        private async Task<Segment> ReadAsync(TenantTransaction transaction, TreeSegment tree, long first, long last, CancellationToken cancellationToken)
        {
            using var chain = new ChainCheck(organization, masterKeys, segment: true);
            using var leaf = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var rows = await AuditRowStream.OpenAsync(transaction, first, last, cancellationToken);
            while (await rows.FillAsync(cancellationToken))
                Check(rows, chain, tree, leaf);
            return new Segment(chain, tree);
        }

        private static void Check(AuditRowStream rows, ChainCheck chain, TreeSegment tree, IncrementalHash leaf)
        {
            Span<byte> hash = stackalloc byte[MerkleTree.HashLength];
            while (rows.TryRead(out var row))
            {
                chain.Add(row);
                MerkleTree.Leaf(leaf, row.EntryHash, row.Body, hash);
                tree.Add(row.Sequence, hash);
            }
        }
    }
}

/// <summary>How far a verification is.</summary>
/// <param name="Total">The log's last sequence when it began.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VerificationProgress(long Rows, long Total);

/// <summary>What a verification found; <c>valid</c> means that nothing was.</summary>
internal sealed record VerificationReport
{
    public required Guid OrganizationId { get; init; }

    public required bool Valid { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows under an older, still configured master key.</summary>
    public required long PreviousKey { get; init; }

    /// <summary>The last entry: an auditor who notes it down can later see that the log still contains it.</summary>
    public required ChainHead Head { get; init; }

    public required CheckpointsCompared Checkpoints { get; init; }

    public required IReadOnlyList<ChainFinding> Findings { get; init; }

    public required DateTimeOffset VerifiedAt { get; init; }

    public required double DurationMs { get; init; }
}

/// <param name="Sequence">0 in an empty log.</param>
/// <param name="EntryHash">Hexadecimal.</param>
internal sealed record ChainHead(long Sequence, string EntryHash);

/// <summary>What the log was held against.</summary>
/// <param name="Stored">Checkpoints in the database.</param>
/// <param name="Anchored">Checkpoints in the anchor directory; 0 without one.</param>
/// <param name="LatestSize">Entries that the largest of them vouches for.</param>
/// <param name="Unverified">Those whose signature could not be checked, because their key is not configured here. Their roots are compared all the same.</param>
internal sealed record CheckpointsCompared(long Stored, long Anchored, long LatestSize, long Unverified);
