using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>What a dossier is about: an organization's log within a time, which is a stretch of sequences.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive, and past.</param>
/// <param name="First">The first sequence; one more than <paramref name="Last"/> when there is no entry.</param>
/// <param name="Last">The last sequence; 0 before the first entry ever.</param>
internal sealed record DossierRange(Guid Organization, string Name, DateTimeOffset From, DateTimeOffset To, bool WithContent, long First, long Last)
{
    public long Entries => Last - First + 1;

    /// <param name="from">Null: the day (UTC) on which the organization was created.</param>
    public static async Task<DossierRange> ReadAsync(TenantTransaction transaction, DateTimeOffset? from, DateTimeOffset to, bool withContent, CancellationToken cancellationToken)
    {
        var (name, created) = await transaction.FirstAsync("SELECT name, created_at FROM organizations WHERE id = $1", [transaction.OrganizationId],
            static row => (row.GetString(0), row.GetFieldValue<DateTimeOffset>(1)), cancellationToken);
        var begin = from ?? new DateTimeOffset(created.UtcDateTime.Date, TimeSpan.Zero);
        var last = await transaction.ScalarAsync<long>(
            "SELECT coalesce(max(sequence), 0) FROM audit_logs WHERE organization_id = $1 AND created_at < $2", [transaction.OrganizationId, to.UtcDateTime], cancellationToken);
        // Sequences, so that no entry between two is left out because a clock was set back.
        var first = await transaction.ScalarAsync<long?>(
            "SELECT min(sequence) FROM audit_logs WHERE organization_id = $1 AND sequence <= $3 AND created_at >= $2", [transaction.OrganizationId, begin.UtcDateTime, last], cancellationToken);
        return new DossierRange(transaction.OrganizationId, name, begin, to, withContent, first ?? last + 1, last);
    }
}
