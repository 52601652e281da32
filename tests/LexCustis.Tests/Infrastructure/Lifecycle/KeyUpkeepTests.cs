using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Lifecycle;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;
using LexCustis.Tests.Infrastructure.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Lifecycle;

/// <summary>Retention and key rotation, each on a database of its own: the job looks at every organization there is.</summary>
public sealed class KeyUpkeepTests
{
    private const string NewKey = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    private readonly Guid organization = Guid.CreateVersion7();
    private readonly Guid person = Guid.CreateVersion7();

    [Theory]
    // 183 days after the last instant of March 2025 (UTC) is the last instant of September.
    [InlineData("2025-09-29T23:59:59.9999999Z", 183, "2025-03-01")]
    [InlineData("2025-09-30T00:00:00Z", 183, "2025-03-01")]
    [InlineData("2025-09-30T23:59:59.9999999Z", 183, "2025-03-01")]
    [InlineData("2025-10-01T00:00:00Z", 183, "2025-04-01")]
    [InlineData("2025-10-01T01:00:00+02:00", 183, "2025-03-01")]
    [InlineData("2026-03-31T23:00:00Z", 365, "2025-03-01")]
    [InlineData("2026-04-01T00:00:00Z", 365, "2025-04-01")]
    [InlineData("2024-03-01T00:00:00Z", 366, "2023-03-01")]
    public void A_month_is_past_the_retention_when_its_last_instant_is(string now, int days, string firstKept) =>
        Assert.Equal(DateOnly.Parse(firstKept), KeyUpkeep.FirstKeptMonth(DateTimeOffset.Parse(now), days));

    [Fact]
    public async Task Months_past_the_retention_are_emptied_once_with_an_entry_and_the_log_stays_clean()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, "2025-01-31T23:59:59Z", "2025-02-01T00:00:00Z", "2025-03-10T12:00:00Z");
        await using var log = new OpenLog(database.ApplicationUrl);

        await RunAsync(database, "2025-08-02T23:59:59Z");
        Assert.Equal("2025-01-01 2025-02-01 2025-03-01", await LiveMonthsAsync(database));
        await RunAsync(database, "2025-09-30T23:59:59Z");
        Assert.Equal("2025-03-01", await LiveMonthsAsync(database));
        await RunAsync(database, "2025-09-30T23:59:59Z");
        await RunAsync(database, "2025-10-01T00:00:00Z");
        Assert.Equal("", await LiveMonthsAsync(database));

        Assert.Equal(["""{"months":["2025-01-01","2025-02-01"],"retention_days":183}""", """{"months":["2025-03-01"],"retention_days":183}"""], await ExpiriesAsync(database));
        Assert.Empty((await log.Verifier.VerifyAsync(organization, null, CancellationToken.None)).Findings);
    }

    [Fact]
    public async Task A_legal_hold_stops_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, "2025-01-31T23:59:59Z");
        await database.ExecuteAsync("UPDATE organizations SET legal_hold = true");
        await RunAsync(database, "2026-01-01T00:00:00Z");
        Assert.Equal(("2025-01-01", 0), (await LiveMonthsAsync(database), (await ExpiriesAsync(database)).Count));

        await database.ExecuteAsync("UPDATE organizations SET legal_hold = false");
        await RunAsync(database, "2026-01-01T00:00:00Z");
        Assert.Equal(("", 1), (await LiveMonthsAsync(database), (await ExpiriesAsync(database)).Count));
    }

    [Fact]
    public async Task A_clock_that_has_jumped_ahead_of_the_databases_destroys_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var log = new OpenLog(database.ApplicationUrl);
        await log.AddOrganizationAsync(organization);
        await log.AppendTurnAsync(organization, person);

        await RunAsync(database, "2099-01-01T00:00:00Z");

        Assert.NotEqual("", await LiveMonthsAsync(database));
        Assert.Empty(await ExpiriesAsync(database));
    }

    [Fact]
    public async Task Of_several_servers_one_writes()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, "2025-01-31T23:59:59Z", "2025-02-03T00:00:00Z");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RunAsync(database, "2026-01-01T00:00:00Z")));
        Assert.Equal(("", 1), (await LiveMonthsAsync(database), (await ExpiriesAsync(database)).Count));
    }

    [Fact]
    public async Task A_crash_before_the_commit_leaves_the_keys_and_no_entry()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, "2025-01-31T23:59:59Z");
        // The entry is the transaction's last statement: when it is refused, everything before it was for nothing.
        await database.ExecuteAsync("REVOKE INSERT ON audit_logs FROM lexcustis");
        await RunAsync(database, "2026-01-01T00:00:00Z");
        Assert.Equal("2025-01-01", await LiveMonthsAsync(database));

        await database.ExecuteAsync("GRANT INSERT ON audit_logs TO lexcustis");
        await RunAsync(database, "2026-01-01T00:00:00Z");
        Assert.Equal(("", 1), (await LiveMonthsAsync(database), (await ExpiriesAsync(database)).Count));
    }

    [Fact]
    public async Task Keys_go_under_the_current_master_key_and_the_old_one_is_needed_for_the_chain_alone()
    {
        await using var database = await TestDatabase.CreateAsync();
        var user = Guid.CreateVersion7();
        string id;
        Api admin;
        await using (var server = await LexCustisServer.StartAsync(database: database))
        {
            admin = await Api.RegisterAsync(server);
            await admin.PatchAsync("/api/organization", """{"provider":"ollama","base_url":"http://127.0.0.1:9/","provider_api_key":"a-secret"}""");
            await admin.PatchAsync("/api/organization", """{"provider":"extractive","base_url":null}""");
            await admin.PatchAsync("/api/organization", """{"provider_api_key":"a-secret"}""");
            id = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit").Text("id");
            // More than one transaction takes.
            await using var log = new OpenLog(database.ApplicationUrl);
            await using var transaction = await log.Database.BeginAsync(admin.OrganizationId, CancellationToken.None);
            for (var number = 0; number < 600; number++)
            {
                var someone = Guid.CreateVersion7();
                await OpenLog.AddPersonAsync(transaction, someone);
                await log.SubjectKeys.ForAsync(transaction, someone, log.Entries.NewId(), CancellationToken.None);
            }

            await OpenLog.AddPersonAsync(transaction, user);
            await log.SubjectKeys.ForAsync(transaction, user, log.Entries.NewId(), CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        await database.ExecuteAsync($"UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE subject_id = '{user}'");
        await using (var rotated = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_MASTER_KEYS"] = $"{NewKey},{LexCustisServer.MasterKeys}" }, database))
        {
            // By itself, soon after it has started.
            await Waiting.ForAsync<object>(async () => await database.ScalarAsync<bool>("SELECT bool_and(kid = 'k2') FROM subject_keys WHERE wrapped_key IS NOT NULL") ? true : null, "keys under k2");
            var reader = new Api(rotated.Http, admin.Token);
            Assert.Equal("How long must providers keep logs?", (await reader.GetAsync($"/api/audit/{id}")).Json.GetProperty("content").Text("message"));
            await reader.AssertLogIsCleanAsync();
        }

        Assert.Equal("k2", await database.ScalarAsync<string>("SELECT provider_api_key_kid FROM organizations"));
        Assert.Equal((601, 1), (await database.ScalarAsync<long>("SELECT count(*) FROM subject_keys WHERE kid = 'k2'"), await database.ScalarAsync<long>("SELECT count(*) FROM subject_keys WHERE wrapped_key IS NULL")));
        await using (var without = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_MASTER_KEYS"] = NewKey }, database))
        {
            var reader = new Api(without.Http, admin.Token);
            Assert.Equal("How long must providers keep logs?", (await reader.GetAsync($"/api/audit/{id}")).Json.GetProperty("content").Text("message"));
            Assert.True((await reader.GetAsync("/api/organization")).Json.GetProperty("provider_api_key_set").GetBoolean());
            // The chain needs the key for as long as anyone wants to verify it.
            Assert.Contains("unknown_key", (await reader.PostAsync("/api/audit/verify")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_that_is_emptied_while_it_is_wrapped_anew_stays_empty()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, "2026-01-10T00:00:00Z");
        await using var erasure = new NpgsqlConnection(database.ConnectionString());
        await erasure.OpenAsync();
        await using var transaction = await erasure.BeginTransactionAsync();
        await using (var empty = new NpgsqlCommand("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now()", erasure))
            await empty.ExecuteNonQueryAsync();

        var rewrapping = RunAsync(database, "2026-01-11T00:00:00Z", $"{NewKey},{LexCustisServer.MasterKeys}");
        await Waiting.ForAsync<object>(async () => await database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE subject_keys SET kid%')") ? true : null, "the wrapping");
        await transaction.CommitAsync();
        await rewrapping;

        Assert.Equal("k1 true", await database.ScalarAsync<string>("SELECT kid || ' ' || (wrapped_key IS NULL) FROM subject_keys"));
    }

    /// <summary>A turn at each of these times, in an organization that keeps content as short as may be.</summary>
    private async Task AppendAsync(TestDatabase database, params string[] times)
    {
        foreach (var time in times)
        {
            await using var log = new OpenLog(database.ApplicationUrl, clock: new ManualClock(DateTimeOffset.Parse(time)));
            if (time == times[0])
                await log.AddOrganizationAsync(organization);
            await log.AppendTurnAsync(organization, person);
        }

        await database.ExecuteAsync("UPDATE organizations SET retention_days = 183");
    }

    /// <summary>The job once, as a server at that time would run it.</summary>
    private static async Task RunAsync(TestDatabase database, string now, string masterKeys = LexCustisServer.MasterKeys)
    {
        Assert.True(MasterKeys.TryParse(masterKeys, out var keys, out var wrong), wrong);
        Assert.True(DatabaseUrl.TryParse(database.ApplicationUrl, out var url, out wrong), wrong);
        var clock = new ManualClock(DateTimeOffset.Parse(now));
        await using var source = PostgresServices.Open(url);
        var tenants = new TenantDatabase(source);
        await using var log = new AuditLog(tenants, new ChainWriter(keys, clock), clock, NullLogger<AuditLog>.Instance);
        using var upkeep = new KeyUpkeep(new TenantDirectory(source), tenants, new SubjectKeys(keys, clock, NullLogger<SubjectKeys>.Instance), keys, log, new AuditEntries(clock), clock, NullLogger<KeyUpkeep>.Instance);
        await upkeep.RunAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> LiveMonthsAsync(TestDatabase database) =>
        await database.ScalarAsync<string>("SELECT coalesce(string_agg(DISTINCT month::text, ' ' ORDER BY month::text), '') FROM subject_keys WHERE wrapped_key IS NOT NULL") ?? "";

    private static async Task<List<string>> ExpiriesAsync(TestDatabase database)
    {
        var bodies = await database.ScalarAsync<string[]>("SELECT array_agg(body ORDER BY sequence) FROM audit_logs WHERE event_type = 'content.expired'");
        return [.. (bodies ?? []).Select(static body => System.Text.Json.JsonElement.Parse(body).GetProperty("data").GetRawText())];
    }
}
