using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The rows of <c>audit_checkpoints</c>: inserted and read, never changed.</summary>
internal static class CheckpointStore
{
    /// <summary>The note of the largest tree, as it stands there.</summary>
    public static Task<string?> LatestNoteAsync(TenantTransaction transaction, CancellationToken cancellationToken) => transaction.ScalarAsync<string>(
        "SELECT note FROM audit_checkpoints WHERE organization_id = $1 ORDER BY tree_size DESC LIMIT 1", [transaction.OrganizationId], cancellationToken);

    /// <returns>Null without any, or when the last row is not a checkpoint of this organization, which verification names.</returns>
    public static async Task<Checkpoint?> LatestAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        Read(transaction, await LatestNoteAsync(transaction, cancellationToken));

    /// <returns>Null when none was taken at that size.</returns>
    public static async Task<Checkpoint?> FindAsync(TenantTransaction transaction, long size, CancellationToken cancellationToken) => Read(transaction, await transaction.ScalarAsync<string>(
        "SELECT note FROM audit_checkpoints WHERE organization_id = $1 AND tree_size = $2", [transaction.OrganizationId, size], cancellationToken));

    /// <summary>Notes of more than <paramref name="size"/> entries, the smallest first, 1,000 at most.</summary>
    public static Task<List<string>> ReadAfterAsync(TenantTransaction transaction, long size, CancellationToken cancellationToken) => transaction.ListAsync(
        "SELECT note FROM audit_checkpoints WHERE organization_id = $1 AND tree_size > $2 ORDER BY tree_size LIMIT 1000",
        [transaction.OrganizationId, size], static row => row.GetString(0), cancellationToken);

    public static Task InsertAsync(TenantTransaction transaction, Checkpoint checkpoint, DateTimeOffset now, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        "INSERT INTO audit_checkpoints (organization_id, tree_size, note, created_at) VALUES ($1, $2, $3, $4)",
        [transaction.OrganizationId, checkpoint.Size, checkpoint.Note.ToString(), now.UtcDateTime], cancellationToken);

    private static Checkpoint? Read(TenantTransaction transaction, string? note) =>
        note is not null && Checkpoint.TryRead(note, transaction.OrganizationId, out var checkpoint) ? checkpoint : null;
}
