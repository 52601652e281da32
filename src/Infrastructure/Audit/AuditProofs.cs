using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>Proofs against a signed checkpoint, as text that is checked without this product. Each is checked here before it is handed out.</summary>
internal static class AuditProofs
{
    /// <summary>
    /// That an entry is in the checkpoint's tree: C2SP tlog-proof (c2sp.org/tlog-proof). Its <c>extra</c> is what the leaf is hashed from,
    /// <c>entry_hash || body</c>, so that whoever has a receipt and this text needs nothing else.
    /// </summary>
    /// <param name="sequence">At most the checkpoint's size.</param>
    /// <exception cref="ProofException">The database does not give the root that was signed.</exception>
    public static async Task<string> InclusionAsync(TenantTransaction transaction, long sequence, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var leaf = await transaction.FirstAsync(
            "SELECT entry_hash, body FROM audit_logs WHERE organization_id = $1 AND sequence = $2", [transaction.OrganizationId, sequence],
            static row => row.GetFieldValue<byte[]>(0).Concat(row.GetFieldValue<byte[]>(1)).ToArray(), cancellationToken)
            ?? throw new ProofException();
        var index = sequence - 1;
        var path = await AuditTree.HashesAsync(transaction, MerkleTree.InclusionPath(index, checkpoint.Size), cancellationToken);
        if (path is null || !MerkleTree.Includes(index, checkpoint.Size, MerkleTree.Leaf(leaf, []), path, checkpoint.Root))
            throw new ProofException();

        var text = new StringBuilder("c2sp.org/tlog-proof@v1\n");
        text.Append("extra ").Append(Convert.ToBase64String(leaf)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"index {index}\n");
        return Finish(text, path, checkpoint);
    }

    /// <summary>
    /// That the checkpoint's tree begins with the log's first <paramref name="size"/> entries as they were signed then: the body of a C2SP
    /// tlog-witness add-checkpoint request (c2sp.org/tlog-witness).
    /// </summary>
    /// <param name="size">At most the checkpoint's.</param>
    /// <exception cref="ProofException">The database does not give the root that was signed.</exception>
    public static async Task<string> ConsistencyAsync(TenantTransaction transaction, long size, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var old = await AuditTree.FrontierAsync(transaction, size, cancellationToken);
        var path = await AuditTree.HashesAsync(transaction, MerkleTree.ConsistencyPath(size, checkpoint.Size), cancellationToken);
        if (old is null || path is null || !MerkleTree.Extends(size, checkpoint.Size, old.Root(), checkpoint.Root, path))
            throw new ProofException();

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"old {size}\n");
        return Finish(text, path, checkpoint);
    }

    private static string Finish(StringBuilder text, List<byte[]> path, Checkpoint checkpoint)
    {
        foreach (var hash in path)
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        return text.Append('\n').Append(checkpoint.Note).ToString();
    }
}

/// <summary>The entries or the stored tree are not what was signed: verifying the log tells what is.</summary>
internal sealed class ProofException : Exception;
