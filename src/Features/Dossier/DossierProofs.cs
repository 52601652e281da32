using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>
/// What ties a dossier's entries to a signed root: one proof for all of them together, and some entries' own, to be handed on alone. The
/// checkpoint is the first that covers the range, so that one taken later changes nothing.
/// </summary>
internal sealed class DossierProofs(List<byte[]> before, List<byte[]> after, List<(long Sequence, string Text)> inclusions)
{
    /// <summary>Flagged turns that get a proof of their own.</summary>
    private const int FlaggedLimit = 100;

    /// <returns>Null when there is none yet, or it is no checkpoint of this organization.</returns>
    public static async Task<Checkpoint?> FindCheckpointAsync(TenantTransaction snapshot, long last, CancellationToken cancellationToken) =>
        await snapshot.ScalarAsync<string>("SELECT note FROM audit_checkpoints WHERE organization_id = $1 AND tree_size >= $2 ORDER BY tree_size LIMIT 1",
            [snapshot.OrganizationId, last], cancellationToken) is { } note && Checkpoint.TryRead(note, snapshot.OrganizationId, out var checkpoint) ? checkpoint : null;

    /// <returns>Null when the database does not give the root that was signed: nothing is proved of a log that was changed since.</returns>
    public static async Task<DossierProofs?> ReadAsync(TenantTransaction snapshot, DossierRange range, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var before = await AuditTree.HashesAsync(snapshot, [.. Complete(range.First - 1)], cancellationToken);
        var after = await AuditTree.HashesAsync(snapshot, MerkleTree.ConsistencyPath(range.Last, checkpoint.Size), cancellationToken);
        if (before is null || after is null)
            return null;

        var flagged = await snapshot.ListAsync("""
            SELECT sequence FROM audit_logs WHERE organization_id = $1 AND sequence BETWEEN $2 AND $3 AND body LIKE '%"flags":["%' ORDER BY sequence LIMIT $4
            """, [range.Organization, range.First, range.Last, FlaggedLimit], static row => row.GetInt64(0), cancellationToken);
        var inclusions = new List<(long, string)>();
        try
        {
            foreach (var sequence in range.Entries == 0 ? [] : new SortedSet<long>([range.First, .. flagged, range.Last]))
                inclusions.Add((sequence, await AuditProofs.InclusionAsync(snapshot, sequence, checkpoint, cancellationToken)));
        }
        catch (ProofException)
        {
            return null;
        }

        return new DossierProofs(before, after, inclusions);
    }

    public async Task WriteAsync(DossierRange range, Checkpoint checkpoint, DossierArchive archive)
    {
        await archive.AddAsync("audit/proofs/range.json", json =>
        {
            json.WriteStartObject();
            json.WriteNumber("first_sequence"u8, range.First);
            json.WriteNumber("last_sequence"u8, range.Last);
            json.WriteNumber("checkpoint_size"u8, checkpoint.Size);
            json.WriteStartArray("before"u8);
            foreach (var hash in before)
                json.WriteBase64StringValue(hash);
            json.WriteEndArray();
            json.WriteStartArray("after"u8);
            foreach (var hash in after)
                json.WriteBase64StringValue(hash);
            json.WriteEndArray();
            json.WriteEndObject();
        });
        foreach (var (sequence, text) in inclusions)
            await archive.AddAsync($"audit/proofs/{sequence}.tlog-proof", text);
    }

    /// <summary>The complete subtrees that the first entries make, the largest first.</summary>
    private static IEnumerable<LeafRange> Complete(long size)
    {
        var start = 0L;
        for (var level = 62; level >= 0; level--)
        {
            if (((size >> level) & 1) == 1)
            {
                yield return new LeafRange(start, 1L << level);
                start += 1L << level;
            }
        }
    }
}
