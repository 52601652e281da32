using System.Text.Json;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>
/// Sums of the log that are made once and stored: one row a stretch of entries, each stretch beginning where the last one ended. Every
/// entry is in one stretch or in none yet, whatever day its clock gave it, so that nothing is counted twice or forgotten.
/// </summary>
internal static class MonitoringStretches
{
    /// <summary>Entries past the last stretch that are worth a new one; fewer are read again by whoever asks.</summary>
    public const int Minimum = 5_000;

    private const int Longest = 20_000;

    /// <summary>Adds what the stored sums have of these days.</summary>
    /// <returns>The last sequence that is summed up; 0 when nothing is.</returns>
    public static async Task<long> AddAsync(TenantTransaction transaction, MonitoringPeriod period, LogSums sums, CancellationToken cancellationToken)
    {
        var stored = await transaction.ListAsync(
            "SELECT days FROM monitoring_stretches WHERE organization_id = $1 AND last_day >= $2 AND first_day <= $3",
            [transaction.OrganizationId, period.From, period.To], static row => row.GetFieldValue<byte[]>(0), cancellationToken);
        foreach (var days in stored)
        {
            foreach (var day in JsonSerializer.Deserialize(days, MonitoringJson.Default.ListDaySums)!.Where(day => period.Holds(day.Day)))
                sums.Add(day);
        }

        return await LastAsync(transaction, cancellationToken);
    }

    /// <summary>Sums up one more stretch, if there is enough for one.</summary>
    /// <returns>Whether it is worth calling again.</returns>
    public static async Task<bool> SumUpAsync(TenantDatabase database, Guid organization, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var last = await LastAsync(transaction, cancellationToken);
        var head = await transaction.ScalarAsync<long>("SELECT coalesce(max(sequence), 0) FROM audit_logs WHERE organization_id = $1", [organization], cancellationToken);
        if (head - last < Minimum)
            return false;

        var through = Math.Min(head, last + Longest);
        var sums = new LogSums();
        await MonitoringReader.AddEntriesAsync(transaction, period: null, last, through, sums, cancellationToken);
        List<DaySums> days = [.. sums.Days];
        // Another server may have been quicker, with a stretch of another length: its row stands then, and the next one begins where it ends.
        await transaction.ExecuteAsync("""
            INSERT INTO monitoring_stretches (organization_id, from_sequence, through_sequence, first_day, last_day, days) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
            """,
            [organization, last + 1, through, days.Count == 0 ? DateOnly.MaxValue : days[0].Day, days.Count == 0 ? DateOnly.MinValue : days[^1].Day,
                JsonSerializer.Serialize(days, MonitoringJson.Default.ListDaySums)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return head - through >= Minimum;
    }

    private static Task<long> LastAsync(TenantTransaction transaction, CancellationToken cancellationToken) => transaction.ScalarAsync<long>(
        "SELECT through_sequence FROM monitoring_stretches WHERE organization_id = $1 ORDER BY from_sequence DESC LIMIT 1", [transaction.OrganizationId], cancellationToken);
}
