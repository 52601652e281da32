using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>
/// Puts a reminder into the log when an open incident's deadline is three days away, one day away, and past: an <c>incident.changed</c> with
/// <c>data.reminder</c>. Every server looks each minute; the statement that notes a reminder on the incident's row decides who gives it.
/// </summary>
internal sealed partial class IncidentReminders(
    TenantDirectory directory, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, ILogger<IncidentReminders> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <returns>The number of reminders given.</returns>
    public async Task<int> RemindAsync(CancellationToken cancellationToken)
    {
        var given = 0;
        foreach (var due in await directory.FindDueIncidentsAsync(clock.GetUtcNow(), cancellationToken))
        {
            var entry = entries.IncidentReminder(due.OrganizationId, due.Id, due.Deadline, due.Reminder);
            await using var transaction = await database.BeginAsync(due.OrganizationId, cancellationToken);
            // Whoever reported, closed or moved the deadline meanwhile is seen here, and so is a server that was quicker.
            var noted = await transaction.ExecuteAsync("""
                UPDATE incidents SET reminders = reminders || $3::text, entry_ids = entry_ids || $4::uuid
                WHERE organization_id = $1 AND id = $2 AND status = 'open' AND authority_informed_at IS NULL AND deadline = $5 AND NOT $3 = ANY (reminders)
                """, [due.OrganizationId, due.Id, due.Reminder, entry.Id, due.Deadline.UtcDateTime], cancellationToken);
            if (noted == 0)
                continue;
            await audit.AppendAsync(transaction, entry, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            given++;
        }

        return given;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                try
                {
                    await RemindAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogFailed(Problems.Summary(failure));
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(1501, LogLevel.Warning, "Could not look for incidents whose deadline is near ({Failure}); trying again in a minute")]
    private partial void LogFailed(string failure);
}
