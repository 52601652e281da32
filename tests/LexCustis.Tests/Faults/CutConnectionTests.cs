using System.Net;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Faults;

public sealed class CutConnectionTests(SharedServer shared)
{
    private readonly Guid organization = Guid.CreateVersion7();

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_written_exactly_once()
    {
        await using var proxy = new PostgresProxy(shared.Server.Database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        var receipts = new List<AuditReceipt> { await log.Log.AppendAsync(log.Event(organization, 0)) };
        for (var round = 1; round <= 3; round++)
        {
            proxy.LoseAnswersToCommits(round);
            receipts.AddRange(await Task.WhenAll(Enumerable.Range(0, 20).Select(number => log.Log.AppendAsync(log.Event(organization, number), AuditLog.Patience))));
        }

        Assert.True(proxy.LostAnswers >= 3);
        await log.AssertHoldsAsync(organization, receipts);
    }

    [Fact]
    public async Task A_commit_that_never_arrives_is_sent_again()
    {
        await using var proxy = new PostgresProxy(shared.Server.Database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        proxy.DropCommits(2);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => log.Log.AppendAsync(log.Event(organization, number), AuditLog.Patience)));

        await log.AssertHoldsAsync(organization, receipts);
    }

    [Fact]
    public async Task A_commit_that_is_still_under_way_when_its_connection_breaks_is_waited_for()
    {
        await using var database = await TestDatabase.CreateAsync();
        // The commit takes its time, and PostgreSQL does not look at the connection meanwhile.
        await database.ExecuteAsync("""
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();
            """);
        await using var proxy = new PostgresProxy(database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        proxy.LoseAnswersToCommits(1);

        var receipt = await log.Log.AppendAsync(log.Event(organization, 1), AuditLog.Patience);

        Assert.Equal(1, proxy.LostAnswers);
        await log.AssertHoldsAsync(organization, [receipt]);
    }

    [Fact]
    public async Task Connections_that_break_all_the_time_lose_and_double_nothing()
    {
        await using var proxy = new PostgresProxy(shared.Server.Database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        var cutting = Task.Run(async () =>
        {
            for (var cut = 0; cut < 8; cut++)
            {
                // Long enough for a new connection to get somewhere, and never twice to the same place.
                await Task.Delay(100 + (cut * 3));
                proxy.CutAll();
            }
        });
        var receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            var mine = new List<AuditReceipt>();
            for (var number = 0; !cutting.IsCompleted || number < 2; number++)
                mine.Add(await log.Log.AppendAsync(log.Event(organization, number), AuditLog.Patience));
            return mine;
        }));

        await log.AssertHoldsAsync(organization, [.. receipts.SelectMany(static mine => mine)]);
    }

    [Fact]
    public async Task Away_for_longer_than_the_patience_is_an_error_and_nothing_is_written()
    {
        await using var proxy = new PostgresProxy(shared.Server.Database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        var before = await log.Log.AppendAsync(log.Event(organization, 0));
        proxy.GoAway();

        var impatient = log.Log.AppendAsync(log.Event(organization, 1));
        var patient = log.Log.AppendAsync(log.Event(organization, 2), TimeSpan.FromMilliseconds(300));
        var untilBack = log.Log.AppendAsync(log.Event(organization, 3), AuditLog.Patience);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => impatient);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => patient);
        Assert.False(untilBack.IsCompleted);

        proxy.ComeBack();
        await log.AssertHoldsAsync(organization, [before, await untilBack]);
    }

    [Fact]
    public async Task A_refused_entry_beside_others_does_not_cost_them_their_patience()
    {
        await using var proxy = new PostgresProxy(shared.Server.Database.ApplicationUrl);
        await using var log = new OpenLog(proxy.Url);
        // The batch goes as far as PostgreSQL's refusal; what is then written alone meets a connection that breaks.
        proxy.DropCommits(1);
        var others = new List<Task<AuditReceipt>>();
        var poison = log.Log.AppendAsync(log.Event(organization, 0, "no\0text"), AuditLog.Patience);
        for (var number = 1; number < 6; number++)
            others.Add(log.Log.AppendAsync(log.Event(organization, number), AuditLog.Patience));

        await Assert.ThrowsAsync<PostgresException>(() => poison);
        await log.AssertHoldsAsync(organization, await Task.WhenAll(others));
    }

    [Fact]
    public async Task A_turn_is_recorded_though_PostgreSQL_is_away_when_it_ends()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new PostgresProxy(database.ApplicationUrl);
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DATABASE_URL"] = proxy.Url }, database);
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(upstream);
        upstream.Otherwise = async (context, request) =>
        {
            proxy.GoAway();
            await Reply.Tokens("Still", " here.")(context, request);
            _ = Task.Delay(400).ContinueWith(_ => proxy.ComeBack(), TaskScheduler.Default);
        };

        var turn = await admin.ChatAsync("Are you there?");

        Assert.True(turn.Done);
        var receipt = turn.Frame("audit");
        var entry = await admin.GetAsync($"/api/audit/{receipt.GetProperty("id").GetString()}");
        Assert.Equal("Still here.", entry.Json.GetProperty("content").GetProperty("answer").GetString());
        Assert.Single(await admin.ReadLogAsync("&event_type=chat.completed"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_route_that_cannot_write_says_that_PostgreSQL_is_away_and_changes_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new PostgresProxy(database.ApplicationUrl);
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DATABASE_URL"] = proxy.Url }, database);
        var admin = await Api.RegisterAsync(server);
        proxy.GoAway();

        var refused = await admin.PostAsync("/api/audit/verify");
        Assert.Contains("PostgreSQL", refused.Problem(503).GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.PatchAsync("/api/organization", """{"name":"Changed"}""")).Status);

        proxy.ComeBack();
        Assert.Equal(["organization.registered"], (await admin.ReadLogAsync()).Select(static entry => entry.GetProperty("event_type").GetString()));
        Assert.NotEqual("Changed", (await admin.GetAsync("/api/organization")).Json.GetProperty("name").GetString());
        await admin.AssertLogIsCleanAsync();
    }
}
