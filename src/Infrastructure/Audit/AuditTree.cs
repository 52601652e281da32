using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// The Merkle tree of one organization's log in the database. The roots of complete subtrees of 64 entries and more are stored when a
/// checkpoint covers them; what is smaller is hashed from the entries. A proof or a tree head thus reads a row a level, and two blocks of 64
/// entries at most, however long the log is. Nothing read here is believed: it is held against a signed root before it leaves.
/// </summary>
internal static class AuditTree
{
    /// <summary>Smallest subtree that is stored: 2^6 entries.</summary>
    public const int BlockLevel = 6;

    private const long BlockSize = 1L << BlockLevel;

    /// <summary>The tree of the log's first <paramref name="size"/> entries, which some checkpoint covers.</summary>
    /// <returns>Null when a stored node or an entry is missing.</returns>
    public static async Task<MerkleFrontier?> FrontierAsync(TenantTransaction transaction, long size, CancellationToken cancellationToken)
    {
        var subtrees = Complete(new LeafRange(0, size)).ToList();
        var hashes = await ReadAsync(transaction, subtrees, cancellationToken);
        var frontier = new MerkleFrontier();
        foreach (var subtree in subtrees)
        {
            if (!hashes.TryGetValue(subtree, out var hash))
                return null;
            frontier.Append(subtree.Level, hash);
        }

        return frontier;
    }

    /// <summary>The hashes of such parts of a tree that some checkpoint covers.</summary>
    /// <returns>Null when a stored node or an entry is missing.</returns>
    public static async Task<List<byte[]>?> HashesAsync(TenantTransaction transaction, IReadOnlyList<LeafRange> ranges, CancellationToken cancellationToken)
    {
        var hashes = await ReadAsync(transaction, ranges.SelectMany(Complete), cancellationToken);
        var result = new List<byte[]>();
        foreach (var range in ranges)
        {
            // The range's own tree: it begins where a complete one would, so positions within it are as good as any.
            var tree = new MerkleFrontier();
            foreach (var subtree in Complete(range))
            {
                if (!hashes.TryGetValue(subtree, out var hash))
                    return null;
                tree.Append(subtree.Level, hash);
            }

            result.Add(tree.Root());
        }

        return result;
    }

    /// <summary>Whether any node is stored: a log that has checkpoints and no nodes gets them anew from its entries.</summary>
    public static Task<bool> HasNodesAsync(TenantTransaction transaction, CancellationToken cancellationToken) => transaction.ScalarAsync<bool>(
        "SELECT EXISTS (SELECT FROM audit_tree_nodes WHERE organization_id = $1)", [transaction.OrganizationId], cancellationToken);

    /// <summary>Stores nodes; one that is there already stays as it is.</summary>
    public static Task StoreAsync(TenantTransaction transaction, IReadOnlyList<StoredNode> nodes, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        """
        INSERT INTO audit_tree_nodes (organization_id, level, index, hash)
        SELECT $1, node.* FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS node ON CONFLICT DO NOTHING
        """,
        [transaction.OrganizationId, nodes.Select(static node => (short)node.Level).ToArray(), nodes.Select(static node => node.Index).ToArray(), nodes.Select(static node => node.Hash).ToArray()],
        cancellationToken);

    /// <summary>The complete subtrees that a range consists of, from the left, which is from the largest.</summary>
    private static IEnumerable<Subtree> Complete(LeafRange range)
    {
        var start = range.Start;
        for (var level = 62; level >= 0; level--)
        {
            if (((range.Count >> level) & 1) == 1)
            {
                yield return new Subtree(level, start >> level);
                start += 1L << level;
            }
        }
    }

    private static async Task<Dictionary<Subtree, byte[]>> ReadAsync(TenantTransaction transaction, IEnumerable<Subtree> subtrees, CancellationToken cancellationToken)
    {
        var wanted = subtrees.ToHashSet();
        var stored = wanted.Where(static subtree => subtree.Level >= BlockLevel).ToList();
        var hashes = new Dictionary<Subtree, byte[]>();
        if (stored.Count > 0)
        {
            var nodes = await transaction.ListAsync("""
                SELECT node.level, node.index, node.hash FROM unnest($2::smallint[], $3::bigint[]) AS wanted (level, index)
                JOIN audit_tree_nodes AS node ON node.organization_id = $1 AND node.level = wanted.level AND node.index = wanted.index
                """, [transaction.OrganizationId, stored.Select(static subtree => (short)subtree.Level).ToArray(), stored.Select(static subtree => subtree.Index).ToArray()],
                static row => (new Subtree(row.GetInt16(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2)), cancellationToken);
            foreach (var (subtree, hash) in nodes)
                hashes[subtree] = hash;
        }

        foreach (var block in wanted.Where(static subtree => subtree.Level < BlockLevel).GroupBy(static subtree => subtree.Index >> (BlockLevel - subtree.Level)))
        {
            var leaves = await ReadLeavesAsync(transaction, block.Key, cancellationToken);
            foreach (var subtree in block)
            {
                if (Hash(leaves, subtree) is { } hash)
                    hashes[subtree] = hash;
            }
        }

        return hashes;
    }

    private static async Task<Dictionary<long, byte[]>> ReadLeavesAsync(TenantTransaction transaction, long block, CancellationToken cancellationToken)
    {
        var rows = await transaction.ListAsync(
            "SELECT sequence, entry_hash, body FROM audit_logs WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3",
            [transaction.OrganizationId, block * BlockSize, (block + 1) * BlockSize],
            static row => (Index: row.GetInt64(0) - 1, Leaf: MerkleTree.Leaf(row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2))), cancellationToken);
        var leaves = new Dictionary<long, byte[]>();
        foreach (var (index, leaf) in rows)
            leaves[index] = leaf;
        return leaves;
    }

    private static byte[]? Hash(Dictionary<long, byte[]> leaves, Subtree subtree)
    {
        var tree = new MerkleFrontier();
        for (var index = subtree.Index << subtree.Level; tree.Size < 1L << subtree.Level; index++)
        {
            if (!leaves.TryGetValue(index, out var leaf))
                return null;
            tree.Append(leaf);
        }

        return tree.Root();
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Subtree(int Level, long Index);
}

/// <summary>A row of <c>audit_tree_nodes</c>.</summary>
internal sealed record StoredNode(int Level, long Index, byte[] Hash);
