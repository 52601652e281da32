using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>However a client goes about it, an organization takes its daily turns and not one more.</summary>
public sealed class BudgetTests(SharedServer shared)
{
    private const string NoDocuments = ""","use_documents":false""";

    [Fact]
    public async Task Of_fifty_turns_at_once_against_a_budget_of_ten_exactly_ten_pass()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream);
        await SetCapAsync(admin, 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => admin.PostAsync("/api/chat", """{"message":"Quick!"}""")));

        Assert.Equal(10, answers.Count(static answer => answer.Status == HttpStatusCode.OK));
        var refused = answers.Where(static answer => answer.Status != HttpStatusCode.OK).ToList();
        Assert.All(refused, static answer =>
        {
            Assert.Contains("budget", answer.Problem(429).Text("title"), StringComparison.Ordinal);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 86_400);
        });
        Assert.Equal(10, upstream.Requests.Count);
        await AssertSpentAsync(admin, used: 10, refused: 40);
    }

    [Fact]
    public async Task Three_servers_on_one_Redis_share_one_budget()
    {
        await using var database = await TestDatabase.CreateAsync();
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => LexCustisServer.StartAsync(database: database)));
        try
        {
            var admin = await Api.RegisterAsync(servers[0]);
            await SetCapAsync(admin, 10);
            var callers = servers.Select(server => new Api(server.Http, admin.Token)).ToList();

            var turns = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => callers[number % 3].ChatAsync("Quick!", NoDocuments)));

            Assert.Equal(10, turns.Count(static turn => turn.Status == HttpStatusCode.OK));
            await AssertSpentAsync(callers[2], used: 10, refused: 40);
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Without_Redis_the_cap_holds_and_a_restart_remembers_even_turns_that_were_cut_off()
    {
        var alone = new Dictionary<string, string> { ["LEXCUSTIS_REDIS_URL"] = "" };
        await using var database = await TestDatabase.CreateAsync();
        await using var upstream = await ScriptedUpstream.StartAsync();
        string? token;
        await using (var server = await LexCustisServer.StartAsync(alone, database))
        {
            var admin = await Api.RegisterAsync(server);
            token = admin.Token;
            await admin.UseUpstreamAsync(upstream);
            await SetCapAsync(admin, 10);
            var turns = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => admin.ChatAsync("Quick!", NoDocuments)));
            Assert.All(turns, static turn => Assert.Equal(HttpStatusCode.OK, turn.Status));

            // Three more are under way when the server is killed: they have no entry yet, but they were taken.
            upstream.Otherwise = Reply.HangAfter("One ");
            for (var cut = 0; cut < 3; cut++)
            {
                var turn = await LiveTurn.OpenAsync(admin, "Slowly.", NoDocuments);
                await turn.NextAsync("start");
                await turn.NextAsync("sources");
                await turn.NextAsync("token");
            }

            await server.Process.KillAsync();
        }

        upstream.Otherwise = Reply.Tokens("Fine.");
        await using var next = await LexCustisServer.StartAsync(alone, database);
        var back = new Api(next.Http, token);
        var rest = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => back.ChatAsync("Quick!", NoDocuments)));
        Assert.Equal(3, rest.Count(static turn => turn.Status == HttpStatusCode.OK));
        await AssertSpentAsync(back, used: 10, refused: 17);
        Assert.Equal("not_configured", (await back.GetAsync("/readyz")).Json.GetProperty("dependencies").GetProperty("redis").Text("status"));
    }

    [Fact]
    public async Task Redis_killed_at_run_time_stops_no_chat_and_gives_no_turn_away()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_REDIS_URL"] = redis.UrlText });
        var admin = await Api.RegisterAsync(server);
        await SetCapAsync(admin, 10);
        Assert.Equal(4, await PassAsync(admin, 4));
        await WaitForReadinessAsync(admin, "ready");

        await redis.KillAsync();
        await WaitForReadinessAsync(admin, "degraded");
        Assert.Equal(3, await PassAsync(admin, 3));

        // It comes back having forgotten everything.
        await redis.RestartAsync();
        await WaitForReadinessAsync(admin, "ready");
        Assert.Equal(3, await PassAsync(admin, 10));
        await AssertSpentAsync(admin, used: 10, refused: 7);
    }

    [Fact]
    public async Task An_organizations_own_cap_counts_only_below_the_operators()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["ORG_DAILY_CHAT_CAP"] = "3" });
        var (modest, greedy) = (await Api.RegisterAsync(server), await Api.RegisterAsync(server));
        await SetCapAsync(modest, 2);
        await SetCapAsync(greedy, 1000);
        Assert.Equal(2, await PassAsync(modest, 5));
        Assert.Equal(3, await PassAsync(greedy, 5));
        Assert.Equal(3, (await greedy.GetAsync("/api/organization")).Json.GetProperty("effective").GetProperty("daily_chat_cap").GetInt32());

        await SetCapAsync(modest, 0);
        Assert.Equal(0, await PassAsync(modest, 1));
        await modest.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_hammering_client_is_slowed_down_and_cannot_write_the_log_full()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["RATE_LIMIT_PER_MINUTE"] = "5" });
        var admin = await Api.RegisterAsync(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => admin.PostAsync("/api/chat", """{"message":"Quick!"}""")));

        var passed = answers.Count(static answer => answer.Status == HttpStatusCode.OK);
        // All at once, and one more for each twelve seconds that this machine may need.
        Assert.InRange(passed, 5, 7);
        Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.OK), static answer =>
        {
            answer.Problem(429);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        });
        var refused = await admin.ReadLogAsync("&event_type=chat.refused");
        Assert.InRange(refused.Count, 5, 7);
        Assert.All(refused, static entry => Assert.Equal("rate_limit", entry.GetProperty("data").Text("reason")));
        Assert.Equal(passed, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("used").GetInt32());
        await admin.AssertLogIsCleanAsync();
    }

    private static async Task SetCapAsync(Api admin, int cap) =>
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync("/api/organization", $$"""{"daily_chat_cap":{{cap}}}""")).Status);

    /// <summary>So many turns at once; returns how many were let through.</summary>
    private static async Task<int> PassAsync(Api caller, int turns)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, turns).Select(_ => caller.ChatAsync("Quick!", NoDocuments)));
        Assert.All(answers, static answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, answer.Text));
        return answers.Count(static answer => answer.Status == HttpStatusCode.OK);
    }

    private static async Task WaitForReadinessAsync(Api caller, string status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var ready = await caller.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.OK, ready.Status);
            if (ready.Json.Text("status") == status)
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), ready.Text);
            await Task.Delay(50);
        }
    }

    private static async Task AssertSpentAsync(Api reader, int used, int refused)
    {
        var usage = (await reader.GetAsync("/api/organization/usage")).Json;
        Assert.Equal(["day", "used", "cap", "resets_at"], usage.Names());
        Assert.Equal((used, used), (usage.GetProperty("used").GetInt32(), usage.GetProperty("cap").GetInt32()));
        var refusals = await reader.WaitForEntriesAsync("chat.refused", refused);
        Assert.All(refusals, static entry => Assert.Equal("budget", entry.GetProperty("data").Text("reason")));
        await reader.AssertLogIsCleanAsync();
    }
}
