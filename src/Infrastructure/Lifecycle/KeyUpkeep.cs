using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Lifecycle;

/// <summary>
/// What time and key rotation ask of the stored keys, once an hour. Months past an organization's retention are emptied, with an entry that
/// names them; keys under an older master key are wrapped under the current one. Any server may do it: for each organization an advisory
/// lock lets one through. Each step is a transaction that commits whole, so a crash anywhere only leaves it for the next hour.
/// </summary>
internal sealed partial class KeyUpkeep(
    TenantDirectory directory, TenantDatabase database, SubjectKeys subjectKeys, MasterKeys masterKeys, AuditLog audit, AuditEntries entries, TimeProvider clock,
    ILogger<KeyUpkeep> logger) : BackgroundService
{
    /// <summary>Keys wrapped in one transaction, which holds the organization's row.</summary>
    private const int RewrapLimit = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>The first month that is not past the retention: the one that holds the moment that is just so old. A month is past it when its last instant is.</summary>
    public static DateOnly FirstKeptMonth(DateTimeOffset now, int retentionDays)
    {
        var oldest = now.UtcDateTime.AddDays(-retentionDays);
        return new DateOnly(oldest.Year, oldest.Month, 1);
    }

    /// <summary>Looks once at every organization that has something to do.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var organization in await directory.FindKeyUpkeepAsync(masterKeys.Current, clock.GetUtcNow(), cancellationToken))
        {
            try
            {
                await ExpireAsync(organization, cancellationToken);
                await RewrapAsync(organization, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One organization's trouble is not the others'.
                LogFailed(organization, Problems.Summary(failure));
            }
        }
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
                    await RunAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogNotRun(failure.GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task ExpireAsync(Guid organization, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        if (await EnterAsync(transaction, cancellationToken) is not { LegalHold: false } settings)
            return;

        // What is emptied is gone for good, so two clocks must agree: a server whose clock has jumped ahead alone destroys nothing.
        var now = clock.GetUtcNow();
        var databaseNow = await transaction.ScalarAsync<DateTimeOffset>("SELECT now()", [], cancellationToken);
        var months = await subjectKeys.ExpireAsync(transaction, FirstKeptMonth(now < databaseNow ? now : databaseNow, settings.RetentionDays), cancellationToken);
        if (months.Count == 0)
            return;

        await audit.AppendAsync(transaction, entries.ContentExpired(organization, months, settings.RetentionDays), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogExpired(organization, months.Count);
    }

    private async Task RewrapAsync(Guid organization, CancellationToken cancellationToken)
    {
        var rewrapped = 0;
        for (var count = RewrapLimit; count == RewrapLimit; rewrapped += count)
        {
            await using var transaction = await database.BeginAsync(organization, cancellationToken);
            if (await EnterAsync(transaction, cancellationToken) is not { } settings)
                return;
            if (settings.CanResealProviderApiKey(masterKeys))
            {
                await transaction.ExecuteAsync("UPDATE organizations SET provider_api_key = $2, provider_api_key_kid = $3 WHERE id = $1",
                    [organization, settings.ResealProviderApiKey(masterKeys), masterKeys.Current], cancellationToken);
            }

            count = await subjectKeys.RewrapAsync(transaction, RewrapLimit, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        if (rewrapped > 0)
            LogRewrapped(organization, rewrapped, masterKeys.Current);
    }

    /// <summary>Takes the organization's upkeep and holds its row: erasures, legal holds and this come one after the other.</summary>
    /// <returns>Null when another server is at it.</returns>
    private static async Task<OrganizationSettings?> EnterAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        await transaction.ScalarAsync<bool>("SELECT pg_try_advisory_xact_lock(hashtextextended('lexcustis.key_upkeep.' || $1::text, 0))", [transaction.OrganizationId], cancellationToken)
            ? await OrganizationSettings.ReadAsync(transaction, cancellationToken, forUpdate: true)
            : null;

    [LoggerMessage(1501, LogLevel.Information, "Emptied the keys of {Count} months of organization {Organization}: they are past its retention")]
    private partial void LogExpired(Guid organization, int count);

    [LoggerMessage(1502, LogLevel.Information, "Wrapped {Count} keys of organization {Organization} under master key {Kid}")]
    private partial void LogRewrapped(Guid organization, int count, string kid);

    [LoggerMessage(1503, LogLevel.Error, "The keys of organization {Organization} could not be looked after ({Failure}); trying again in an hour")]
    private partial void LogFailed(Guid organization, string failure);

    [LoggerMessage(1504, LogLevel.Warning, "Could not look for keys to look after ({Failure}); trying again in an hour")]
    private partial void LogNotRun(string failure);
}
