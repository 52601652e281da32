using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;
using LexCustis.Tests.Infrastructure.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Monitoring;

public sealed class MonitoringWatchTests
{
    [Fact]
    public async Task Stored_sums_say_what_the_log_says_whoever_makes_them()
    {
        await using var database = await TestDatabase.CreateAsync();
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        var first = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await using var log = new OpenLog(database.ApplicationUrl, clock: clock);
        var organization = log.Entries.NewId();
        await log.AddOrganizationAsync(organization);
        for (var day = 0; day < 3; day++)
        {
            await WriteAsync(log, organization, turns: 2_500, flagEvery: 7 + day);
            clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM monitoring_stretches"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MonitoringStretches.SumUpAsync(log.Database, organization, CancellationToken.None)));
        Assert.Equal("1-7500", await database.ScalarAsync<string>("SELECT string_agg(from_sequence || '-' || through_sequence, ',') FROM monitoring_stretches"));
        // Some that no sum has yet.
        await WriteAsync(log, organization, turns: 100, flagEvery: 2);
        Assert.False(await MonitoringStretches.SumUpAsync(log.Database, organization, CancellationToken.None));

        foreach (var period in (MonitoringPeriod[])[new(first, first.AddDays(3)), new(first.AddDays(1), first.AddDays(1)), new(first.AddDays(2), first.AddDays(3)), new(first.AddDays(9), first.AddDays(12))])
            Assert.Equal(await ReadAsync(log, organization, period, fromLogAlone: true), await ReadAsync(log, organization, period, fromLogAlone: false));
        var all = JsonElement.Parse(await ReadAsync(log, organization, new MonitoringPeriod(first, first.AddDays(3)), fromLogAlone: false));
        Assert.Equal(7_600, all.GetProperty("totals").GetProperty("turns").GetInt32());
        Assert.Equal([2_500, 2_500, 2_500, 100], all.GetProperty("days").EnumerateArray().Select(static day => day.GetProperty("figures").GetProperty("turns").GetInt32()));
    }

    [Fact]
    public async Task A_day_is_looked_at_once_and_drift_is_an_alert_once_however_many_servers_look()
    {
        await using var database = await TestDatabase.CreateAsync();
        // In the middle of a day, whenever this runs: the hour below must not lead into the next.
        var clock = new ManualClock(new DateTimeOffset(DateTime.UtcNow.Date.AddHours(12), TimeSpan.Zero));
        await using var log = new OpenLog(database.ApplicationUrl, clock: clock);
        await using var source = OpenDatabase(database);
        var (changed, steady) = (log.Entries.NewId(), log.Entries.NewId());
        await log.AddOrganizationAsync(changed);
        await log.AddOrganizationAsync(steady);
        for (var day = 0; day < 14; day++)
        {
            await WriteAsync(log, changed, turns: 40, flagEvery: day < 7 ? 0 : 2);
            await WriteAsync(log, steady, turns: 40, flagEvery: 4);
            clock.Advance(TimeSpan.FromDays(1));
        }

        var lastDay = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-1);
        clock.Advance(TimeSpan.FromHours(1));
        var written = (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LookAsync(log, source, clock)))).Sum();
        Assert.Equal(0, await LookAsync(log, source, clock));

        var alerts = JsonElement.Parse(await ReadAsync(log, changed, new MonitoringPeriod(lastDay.AddDays(-6), lastDay.AddDays(1)), fromLogAlone: true)).GetProperty("alerts").EnumerateArray().ToList();
        Assert.Equal(written, alerts.Count);
        Assert.Distinct(alerts.Select(static alert => $"{alert.Text("day")} {alert.Text("kind")}"));
        var last = alerts.Where(alert => alert.Text("day") == lastDay.ToString("yyyy-MM-dd")).ToDictionary(static alert => alert.Text("kind"));
        Assert.Equal(["flag.pii", "flagged"], last.Keys.Order(StringComparer.Ordinal));
        // 140 of 280 against none: z = 0.5 / √(0.25 · 0.75 · 2/280).
        Assert.Equal((0.5, 0, 13.66, "two_proportion_z"),
            (last["flagged"].GetProperty("current").GetDouble(), last["flagged"].GetProperty("previous").GetDouble(), last["flagged"].GetProperty("value").GetDouble(), last["flagged"].Text("statistic")));
        Assert.Empty(JsonElement.Parse(await ReadAsync(log, steady, new MonitoringPeriod(lastDay.AddDays(-6), lastDay.AddDays(1)), fromLogAlone: true)).GetProperty("alerts").EnumerateArray());
        await log.AssertHoldsAsync(changed, [], rows: (14 * 40) + written);
        await log.AssertHoldsAsync(steady, [], rows: 14 * 40);
    }

    private static async Task<string> ReadAsync(OpenLog log, Guid organization, MonitoringPeriod period, bool fromLogAlone)
    {
        await using var transaction = await log.Database.BeginSnapshotAsync(organization, CancellationToken.None);
        return JsonSerializer.Serialize(await MonitoringReader.ReadAsync(transaction, period, fromLogAlone, CancellationToken.None), MonitoringJson.Default.MonitoringReport);
    }

    /// <param name="flagEvery">Every so manieth turn is flagged; 0: none.</param>
    private static Task<AuditReceipt[]> WriteAsync(OpenLog log, Guid organization, int turns, int flagEvery) => Task.WhenAll(Enumerable.Range(1, turns).Select(number => log.Log.AppendAsync(
        AuditEntries.ChatCompleted(log.Entries.NewId(), organization, new Actor(organization, "member", "session"), content: null, json =>
        {
            json.WriteString("outcome"u8, number % 50 == 0 ? "timeout" : "completed");
            json.WriteString("provider"u8, number % 3 == 0 ? "mistral" : "ollama");
            json.WriteString("model"u8, "m");
            json.WriteNumber("confidence"u8, number % 100 / 100.0);
            json.WriteNumber("grounding"u8, 1);
            if (flagEvery > 0 && number % flagEvery == 0)
            {
                json.WriteStartArray("flags"u8);
                json.WriteStringValue("pii"u8);
                json.WriteEndArray();
            }

            json.WriteNumber("first_token_ms"u8, number);
            json.WriteNumber("duration_ms"u8, number * 10);
        }))));

    private static NpgsqlDataSource OpenDatabase(TestDatabase database)
    {
        Assert.True(DatabaseUrl.TryParse(database.ApplicationUrl, out var url, out var reason), reason);
        return PostgresServices.Open(url);
    }

    private static async Task<int> LookAsync(OpenLog log, NpgsqlDataSource source, TimeProvider clock)
    {
        using var watch = new MonitoringWatch(new TenantDirectory(source), log.Database, log.Log, log.Entries, clock, NullLogger<MonitoringWatch>.Instance);
        return await watch.LookAsync(CancellationToken.None);
    }
}
