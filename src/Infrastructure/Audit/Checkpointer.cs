using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Signs the heads of organizations' trees. Its contract: what it signs extends both the last checkpoint in the database and the last one
/// in the anchor directory, proved from the tree's own nodes; where the database is behind an anchor or has forked from it, it refuses.
/// </summary>
internal sealed class Checkpointer(TenantDatabase database, CheckpointSettings settings, TimeProvider clock)
{
    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('lexcustis.checkpoint.' || $1::text, 0))";

    /// <summary>Nodes that one statement stores.</summary>
    private const int NodeBatch = 4096;

    public bool Enabled => settings.Keys is not null;

    /// <summary>
    /// Takes a checkpoint if the tree grew, and brings the anchor file up to the database. Servers that do so at once wait for each other,
    /// until the file has what the database has.
    /// </summary>
    /// <exception cref="InvalidOperationException">Checkpoints are off.</exception>
    public async Task<CheckpointOutcome> TakeAsync(Guid organization, CancellationToken cancellationToken)
    {
        var keys = settings.Keys ?? throw new InvalidOperationException("Checkpoints are off.");

        // Holds the lock until the file is written, which is after another transaction's commit.
        await using var turn = await database.BeginAsync(organization, cancellationToken);
        await turn.ExecuteAsync(Lock, [organization], cancellationToken);

        var (stored, refusal) = ReadStored(organization, await CheckpointStore.LatestNoteAsync(turn, cancellationToken), keys);
        if (refusal is not null)
            return new CheckpointOutcome(null, refusal);
        var (anchored, unreadable) = ReadAnchored(organization, keys);
        if (unreadable is not null)
            return new CheckpointOutcome(stored, unreadable);

        var entries = await turn.ScalarAsync<long>("SELECT max(sequence) FROM audit_logs WHERE organization_id = $1", [organization], cancellationToken);
        foreach (var signed in (Checkpoint?[])[anchored, stored])
        {
            if (signed is not null && signed.Size > entries)
                return new CheckpointOutcome(stored, CheckpointRefusal.Behind(entries, signed.Size));
        }

        var (tree, diverged) = await StartAsync(turn, stored, anchored, cancellationToken);
        if (tree is null)
            return new CheckpointOutcome(stored, diverged);

        var latest = stored;
        if (stored is null || entries > stored.Size)
        {
            if (entries == 0)
                return new CheckpointOutcome(null, null);
            (latest, diverged) = await ExtendAsync(turn, tree, entries, stored, anchored, keys, cancellationToken);
            if (latest is null)
                return new CheckpointOutcome(stored, diverged);
        }

        return new CheckpointOutcome(latest, await AnchorAsync(turn, anchored?.Size ?? 0, keys, cancellationToken));
    }

    private static (Checkpoint? Stored, CheckpointRefusal? Refusal) ReadStored(Guid organization, string? note, CheckpointKeys keys)
    {
        if (note is null)
            return (null, null);
        if (!Checkpoint.TryRead(note, organization, out var stored))
            return (null, CheckpointRefusal.Unsigned("in the database"));
        return Judge(keys, stored, "in the database");
    }

    private (Checkpoint? Anchored, CheckpointRefusal? Refusal) ReadAnchored(Guid organization, CheckpointKeys keys)
    {
        try
        {
            if (settings.Anchors?.FindLast(organization, keys) is not { } note)
                return (null, null);
            if (!Checkpoint.TryRead(note.ToString(), organization, out var anchored))
                return (null, CheckpointRefusal.Unsigned("in the anchor file"));
            return Judge(keys, anchored, "in the anchor file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, CheckpointRefusal.NoAnchors("read", failure));
        }
    }

    private static (Checkpoint? Checkpoint, CheckpointRefusal? Refusal) Judge(CheckpointKeys keys, Checkpoint checkpoint, string place) => keys.Judge(checkpoint.Note) switch
    {
        NoteStanding.Signed => (checkpoint, null),
        NoteStanding.UnknownKey => (null, CheckpointRefusal.UnknownKey(place)),
        _ => (null, CheckpointRefusal.Unsigned(place)),
    };

    /// <summary>The tree that the last stored checkpoint signed, held against it and against an anchor that is not larger.</summary>
    private static async Task<(MerkleFrontier? Tree, CheckpointRefusal? Refusal)> StartAsync(
        TenantTransaction turn, Checkpoint? stored, Checkpoint? anchored, CancellationToken cancellationToken)
    {
        // A log without nodes is hashed anew from its first entry, and held against what was signed on the way.
        if (stored is null || (stored.Size >> AuditTree.BlockLevel > 0 && !await AuditTree.HasNodesAsync(turn, cancellationToken)))
            return (new MerkleFrontier(), null);

        foreach (var signed in (Checkpoint?[])[anchored, stored])
        {
            if (signed is null || signed.Size > stored.Size)
                continue;
            var tree = await AuditTree.FrontierAsync(turn, signed.Size, cancellationToken);
            if (tree is null || !tree.Root().AsSpan().SequenceEqual(signed.Root))
                return (null, CheckpointRefusal.Forked(signed.Size));
            if (signed == stored)
                return (tree, null);
        }

        throw new InvalidOperationException("The stored checkpoint was not looked at.");
    }

    private async Task<(Checkpoint? Checkpoint, CheckpointRefusal? Refusal)> ExtendAsync(
        TenantTransaction turn, MerkleFrontier tree, long entries, Checkpoint? stored, Checkpoint? anchored, CheckpointKeys keys, CancellationToken cancellationToken)
    {
        await using var writing = await database.BeginAsync(turn.OrganizationId, cancellationToken);
        var nodes = new List<StoredNode>();
        NodeCompleted keep = (level, index, hash) =>
        {
            if (level >= AuditTree.BlockLevel)
                nodes.Add(new StoredNode(level, index, hash.ToArray()));
        };

        await using (var rows = await turn.ReadAsync(
            "SELECT sequence, entry_hash, body FROM audit_logs WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence",
            [turn.OrganizationId, tree.Size, entries], cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                if (rows.GetInt64(0) != tree.Size + 1)
                    return (null, CheckpointRefusal.Gap(tree.Size + 1));
                tree.Append(MerkleTree.Leaf(rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2)), keep);
                foreach (var signed in (Checkpoint?[])[anchored, stored])
                {
                    if (signed?.Size == tree.Size && !tree.Root().AsSpan().SequenceEqual(signed.Root))
                        return (null, CheckpointRefusal.Forked(signed.Size));
                }

                if (nodes.Count >= NodeBatch)
                {
                    await AuditTree.StoreAsync(writing, nodes, cancellationToken);
                    nodes.Clear();
                }
            }
        }

        if (tree.Size != entries)
            return (null, CheckpointRefusal.Gap(tree.Size + 1));

        var checkpoint = Checkpoint.Sign(keys, settings.LogOrigin, turn.OrganizationId, entries, tree.Root());
        if (nodes.Count > 0)
            await AuditTree.StoreAsync(writing, nodes, cancellationToken);
        await CheckpointStore.InsertAsync(writing, checkpoint, clock.GetUtcNow(), cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return (checkpoint, null);
    }

    /// <summary>Appends what the database has and the file has not: the checkpoint just taken, and any that a crash or a full disk kept out.</summary>
    private async Task<CheckpointRefusal?> AnchorAsync(TenantTransaction turn, long anchored, CheckpointKeys keys, CancellationToken cancellationToken)
    {
        if (settings.Anchors is not { } anchors)
            return null;

        while (await CheckpointStore.ReadAfterAsync(turn, anchored, cancellationToken) is { Count: > 0 } notes)
        {
            var missing = new List<SignedNote>();
            foreach (var note in notes)
            {
                var (checkpoint, refusal) = ReadStored(turn.OrganizationId, note, keys);
                if (checkpoint is null || checkpoint.Size <= anchored)
                    return refusal ?? CheckpointRefusal.Unsigned("in the database");
                missing.Add(checkpoint.Note);
                anchored = checkpoint.Size;
            }

            try
            {
                anchors.Append(turn.OrganizationId, missing);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return CheckpointRefusal.NoAnchors("written", failure);
            }
        }

        return null;
    }
}

/// <param name="Latest">The last checkpoint that stands; null without any.</param>
/// <param name="Refusal">Why nothing newer was signed or anchored; null when all is well.</param>
internal sealed record CheckpointOutcome(Checkpoint? Latest, CheckpointRefusal? Refusal);

/// <summary>Why a server signs no checkpoint for an organization, or cannot anchor it.</summary>
/// <param name="Kind">A word for counting.</param>
/// <param name="Detail">What is the matter, what to do: sentences, without the organization's id.</param>
internal sealed record CheckpointRefusal(string Kind, string Detail)
{
    public static CheckpointRefusal Behind(long entries, long size) => new("behind",
        $"The database has {entries} entries, and {size} were signed: it was restored from an older backup, or entries were deleted. Restore it to the latest state, or verify the log.");

    public static CheckpointRefusal Forked(long size) => new("forked",
        $"The database does not give the root that was signed for {size} entries: it was restored from an older backup and written on, or entries were changed. Verify the log.");

    public static CheckpointRefusal Gap(long sequence) => new("forked", $"Entry {sequence} is missing in the database. Verify the log.");

    public static CheckpointRefusal Missing(long size) => new("missing", $"The database has no log of this organization, and {size} entries were signed. Restore it.");

    public static CheckpointRefusal Unsigned(string place) => new("forged", $"The last checkpoint {place} is not what its key signed. Verify the log.");

    public static CheckpointRefusal UnknownKey(string place) => new("unknown_key",
        $"The last checkpoint {place} was signed by a key that LEXCUSTIS_CHECKPOINT_KEY_FILE does not have: add its public key after the current one.");

    public static CheckpointRefusal NoAnchors(string done, Exception failure) => new("unreachable", $"The anchor directory cannot be {done} ({failure.GetType().Name}).");
}
