using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>
/// Sums up what the log has grown by, and looks once at each day that is over: the week that ends with it against the week before, an entry
/// <c>monitoring.alerted</c> for each test that finds drift. Every server does both; rows with one key an organization decide whose work counts.
/// </summary>
internal sealed partial class MonitoringWatch(
    TenantDirectory directory, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, ILogger<MonitoringWatch> logger) : BackgroundService
{
    private const int WindowDays = 7;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Other servers' clocks may be a little behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <returns>The number of alerts written.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        foreach (var organization in await directory.FindMonitoringBacklogAsync(MonitoringStretches.Minimum, cancellationToken))
        {
            while (await MonitoringStretches.SumUpAsync(database, organization, cancellationToken))
            {
                // One stretch at a time: none of them holds anything up.
            }
        }

        // Days that nobody looked at while all servers were down are looked at late.
        var alerts = 0;
        var over = DateOnly.FromDateTime((clock.GetUtcNow() - Grace).UtcDateTime);
        for (var day = over.AddDays(-WindowDays); day < over; day = day.AddDays(1))
        {
            foreach (var organization in await directory.FindUncheckedOrganizationsAsync(day, cancellationToken))
                alerts += await CheckAsync(organization, day, cancellationToken);
        }

        return alerts;
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
                    if (await LookAsync(stoppingToken) is > 0 and var alerts)
                        LogAlerts(alerts);
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

    private async Task<int> CheckAsync(Guid organization, DateOnly day, CancellationToken cancellationToken)
    {
        MonitoringReport report;
        await using (var reading = await database.BeginSnapshotAsync(organization, cancellationToken))
            report = await MonitoringReader.ReadAsync(reading, new MonitoringPeriod(day.AddDays(1 - WindowDays), day), fromLogAlone: false, cancellationToken);
        var drifted = report.Drift.Tests.Where(static test => test.Result == Drift.Drifted).ToList();

        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var first = await transaction.ExecuteAsync("INSERT INTO monitoring_checks (organization_id, day, checked_at, kinds) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [organization, day, clock.GetUtcNow().UtcDateTime, drifted.ConvertAll(static test => test.Kind).ToArray()], cancellationToken);
        if (first == 0)
            return 0;
        if (drifted.Count > 0)
            await audit.AppendAsync(transaction, drifted.ConvertAll(test => Alert(organization, day, test)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return drifted.Count;
    }

    private AuditEntry Alert(Guid organization, DateOnly day, DriftTest test) => entries.MonitoringAlerted(organization, json =>
    {
        json.WriteString("day"u8, day.ToString("yyyy-MM-dd"));
        json.WriteString("kind"u8, test.Kind);
        json.WriteString("statistic"u8, test.Statistic);
        json.WriteNumber("value"u8, test.Value!.Value);
        json.WriteNumber("p_value"u8, test.PValue!.Value);
        json.WriteNumber("current"u8, test.Current!.Value);
        json.WriteNumber("previous"u8, test.Previous!.Value);
        json.WriteNumber("turns"u8, test.Turns);
        json.WriteNumber("previous_turns"u8, test.PreviousTurns);
    });

    [LoggerMessage(1601, LogLevel.Warning, "Monitoring found drift: {Count} alerts are in the audit logs concerned")]
    private partial void LogAlerts(int count);

    [LoggerMessage(1602, LogLevel.Warning, "Could not look at the figures ({Failure}); trying again in five minutes")]
    private partial void LogFailed(string failure);
}
