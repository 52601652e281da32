using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Incidents;

public sealed class IncidentRemindersTests
{
    [Fact]
    public async Task Each_reminder_comes_once_however_many_servers_look()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await LexCustisServer.StartAsync(database: database);
        await using var source = OpenDatabase(database);
        var admin = await Api.RegisterAsync(server);
        var id = (await admin.PostAsync("/api/incidents", """{"title":"Fifteen days"}""")).Json.Text("id");

        Assert.Equal(0, await LookAsync(source, database, TimeSpan.FromHours((12 * 24) - 1)));
        foreach (var later in (TimeSpan[])[TimeSpan.FromHours((12 * 24) + 1), TimeSpan.FromHours((14 * 24) + 1), TimeSpan.FromHours((15 * 24) + 1)])
        {
            var given = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LookAsync(source, database, later)));
            Assert.Equal(1, given.Sum());
            Assert.Equal(0, await LookAsync(source, database, later + TimeSpan.FromMinutes(1)));
        }

        Assert.Equal(["three_days", "one_day", "overdue"], await RemindersAsync(admin, id));
        var entries = await admin.ReadLogOfAsync("incident.changed");
        Assert.All(entries, entry =>
        {
            Assert.Equal(System.Text.Json.JsonValueKind.Null, entry.GetProperty("user_id").ValueKind);
            Assert.Equal(["deadline", "incident_id", "reminder"], entry.GetProperty("data").SortedNames());
        });
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Only_the_nearest_reminder_is_given_and_a_moved_deadline_begins_anew()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await LexCustisServer.StartAsync(database: database);
        await using var source = OpenDatabase(database);
        var admin = await Api.RegisterAsync(server);
        var id = (await admin.PostAsync("/api/incidents", """{"title":"Fifteen days"}""")).Json.Text("id");
        var (reported, closed) = (await ReportAsync("reported"), await ReportAsync("closed"));

        // Nobody looked for two weeks: a reminder of three days would be a lie by then.
        Assert.Equal(1, await LookAsync(source, database, TimeSpan.FromHours((14 * 24) + 1)));
        Assert.Equal(["one_day"], await RemindersAsync(admin, id));
        await admin.PatchAsync($"/api/incidents/{id}", """{"category":"death"}""");
        Assert.Equal(1, await LookAsync(source, database, TimeSpan.FromHours((8 * 24) + 1)));
        Assert.Equal(1, await LookAsync(source, database, TimeSpan.FromHours((9 * 24) + 1)));
        Assert.Equal(["one_day", "three_days", "one_day"], await RemindersAsync(admin, id));

        Assert.Equal(1, await LookAsync(source, database, TimeSpan.FromDays(100)));
        Assert.Empty(await RemindersAsync(admin, reported));
        Assert.Empty(await RemindersAsync(admin, closed));
        await admin.AssertLogIsCleanAsync();

        async Task<string> ReportAsync(string status)
        {
            var incident = (await admin.PostAsync("/api/incidents", """{"title":"Another"}""")).Json.Text("id");
            await admin.PatchAsync($"/api/incidents/{incident}", $$"""{"status":"{{status}}"}""");
            return incident;
        }
    }

    [Fact]
    public async Task The_server_looks_by_itself()
    {
        await using var database = await TestDatabase.CreateAsync();
        string id;
        Api admin;
        await using (var first = await LexCustisServer.StartAsync(database: database))
        {
            admin = await Api.RegisterAsync(first);
            id = (await admin.PostAsync("/api/incidents", """{"title":"Long known","aware_at":"2026-01-01T00:00:00Z"}""")).Json.Text("id");
        }

        await using var next = await LexCustisServer.StartAsync(database: database);
        admin = new Api(next.Http, admin.Token);
        Assert.Equal("overdue", Assert.Single(await Waiting.ForAsync(async () => await RemindersAsync(admin, id) is { Count: > 0 } reminders ? reminders : null, "the reminder")));
    }

    private static async Task<List<string>> RemindersAsync(Api reader, string incident) =>
        [.. (await reader.GetAsync($"/api/incidents/{incident}")).Json.GetProperty("history").EnumerateArray()
            .Where(static past => past.GetProperty("data").TryGetProperty("reminder", out _)).Select(static past => past.GetProperty("data").Text("reminder"))];

    private static NpgsqlDataSource OpenDatabase(TestDatabase database)
    {
        Assert.True(DatabaseUrl.TryParse(database.ApplicationUrl, out var url, out var reason), reason);
        return PostgresServices.Open(url);
    }

    /// <summary>What a server whose clock is so much later would do.</summary>
    private static async Task<int> LookAsync(NpgsqlDataSource source, TestDatabase database, TimeSpan later)
    {
        await using var log = new OpenLog(database.ApplicationUrl);
        using var reminders = new IncidentReminders(
            new TenantDirectory(source), log.Database, log.Log, log.Entries, new LaterClock(later), NullLogger<IncidentReminders>.Instance);
        return await reminders.RemindAsync(TestContext.Current.CancellationToken);
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
