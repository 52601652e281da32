using System.ComponentModel;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Monitoring;

/// <summary>Post-market monitoring (Art. 72): the figures of a period by day and provider, and how they differ from the period before.</summary>
internal static class GetMonitoring
{
    private const int DefaultDays = 30;

    public static void Map(RouteGroupBuilder monitoring) => monitoring.MapGet("/", Handle);

    private static async Task<Results<Ok<MonitoringReport>, ValidationProblem>> Handle(
        [Description("The first day (UTC), or a time in it; 30 days before the last when absent.")] string? from,
        [Description("The last day (UTC), or the time at which the period ends; today when absent.")] string? to, TenantContext tenant, TenantDatabase database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (first, last) = (from is null ? null : FirstDay(from), to is null ? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime) : LastDay(to));
        var check = new RequestCheck()
            .Require(from is null || first is not null, "from", "Use a date, or an RFC 3339 time.")
            .Require(last is not null, "to", "Use a date, or an RFC 3339 time.");
        if (check.Failed)
            return check.Problem();

        // Room for the period before, which it is compared with.
        first ??= last!.Value.DayNumber < DefaultDays ? DateOnly.MinValue : last.Value.AddDays(1 - DefaultDays);
        var days = last!.Value.DayNumber - first.Value.DayNumber + 1;
        check.Require(days is >= 1 and <= MonitoringPeriod.LongestDays && first.Value.DayNumber >= days && last < DateOnly.MaxValue, "from",
            $"Use a day that is not after to, and at most {MonitoringPeriod.LongestDays} days before its end.");
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginSnapshotAsync(tenant, cancellationToken);
        return TypedResults.Ok(await MonitoringReader.ReadAsync(transaction, new MonitoringPeriod(first.Value, last.Value), fromLogAlone: false, cancellationToken));
    }

    private static DateOnly? FirstDay(string text) => Rfc3339.ReadDateOrTime(text) is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;

    /// <summary>A date is that day; a time ends the period, so it is the day of the moment before it.</summary>
    private static DateOnly? LastDay(string text) => Rfc3339.ReadDate(text)
        ?? (Rfc3339.ReadDateOrTime(text) is { Ticks: > 0 } time ? DateOnly.FromDateTime(time.UtcDateTime.AddTicks(-1)) : null);
}
