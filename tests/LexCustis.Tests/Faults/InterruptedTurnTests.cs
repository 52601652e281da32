using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Turns;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Faults;

/// <summary>A turn that began ends in the log, whoever goes away in the midst of it.</summary>
public sealed class InterruptedTurnTests(SharedServer shared)
{
    [Fact]
    public async Task A_client_that_leaves_stops_the_model_and_leaves_a_partial_turn()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.HangAfter("One ", "two ")));

        using (var turn = await BeginAsync(admin))
            await turn.LeaveAsync();

        await upstream.Requests[0].Aborted.WaitAsync(TimeSpan.FromSeconds(20));
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal("stopped", entry.Outcome());
        Assert.Equal("One two ", entry.GetProperty("content").Text("answer"));
        Assert.False(entry.GetProperty("data").TryGetProperty("failure", out _));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_client_that_never_reads_holds_up_nobody_else()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        // More than all buffers between the two hold.
        await admin.UseUpstreamAsync(upstream.Next(Reply.Stream([.. Enumerable.Repeat(new string('x', 500_000), 40)])));

        using (var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 })
        {
            await client.ConnectAsync("127.0.0.1", shared.Server.Http.BaseAddress!.Port);
            const string Body = """{"message":"Go on for ever.","use_documents":false}""";
            await client.SendAsync(Encoding.ASCII.GetBytes(
                $"POST /api/chat HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {admin.Token}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
            while (upstream.Requests.Count == 0)
                await Task.Delay(5);

            var others = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => admin.ChatAsync("And I?", ""","use_documents":false""")));
            Assert.All(others, static turn => Assert.True(turn.Done));
        }

        var entries = await admin.WaitForEntriesAsync("chat.completed", 9);
        Assert.Single(entries, static entry => entry.Outcome() == "stopped");
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_server_told_to_stop_ends_its_turns_in_good_order()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var server = await LexCustisServer.StartAsync(database: database);
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(upstream.Next(Reply.HangAfter("One ", "two ")));
        using var turn = await BeginAsync(admin);

        var began = Stopwatch.GetTimestamp();
        var stopping = server.Process.StopAsync();
        var rest = await turn.RestAsync();

        Assert.Equal(0, await stopping);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 10);
        Assert.Equal(["error", "compliance", "audit", "low_confidence", "[DONE]"], rest.Order);
        Assert.Equal(503, rest.Frame("error").GetProperty("problem").GetProperty("status").GetInt32());

        await using var next = await LexCustisServer.StartAsync(database: database);
        admin = new Api(next.Http, admin.Token);
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal("shutdown", entry.Outcome());
        Assert.Equal("One two ", entry.GetProperty("content").Text("answer"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_killed_servers_turn_is_recorded_once_by_whoever_looks_after_the_grace()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var server = await LexCustisServer.StartAsync(database: database);
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(upstream.Next(Reply.HangAfter("One ", "two ")));
        using var turn = await BeginAsync(admin);
        await server.Process.KillAsync();

        await using var source = OpenDatabase(database);
        Assert.Equal(0, await LookAsync(source, TimeSpan.FromMinutes(14)));
        var found = await Task.WhenAll(LookAsync(source, TimeSpan.FromMinutes(16)), LookAsync(source, TimeSpan.FromMinutes(17)));
        Assert.Equal(1, found.Sum());
        Assert.Equal(0, await LookAsync(source, TimeSpan.FromMinutes(18)));

        await using var next = await LexCustisServer.StartAsync(database: database);
        admin = new Api(next.Http, admin.Token);
        var entry = Assert.Single(await admin.WaitForEntriesAsync("chat.completed", 1));
        Assert.Equal("shutdown", entry.Outcome());
        Assert.True(entry.GetProperty("data").GetProperty("recovered").GetBoolean());
        Assert.False(entry.GetProperty("has_content").GetBoolean());
        Assert.Equal(turn.ConversationId, entry.GetProperty("data").Text("conversation_id"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Tokens_stream_on_while_the_database_is_away_and_the_turn_is_recorded_when_it_is_back()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = TcpProxy.Start(new Uri(database.ApplicationUrl).Port);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DATABASE_URL"] = proxy.Through(database.ApplicationUrl) }, database);
        var admin = await Api.RegisterAsync(server);
        using var gate = new SemaphoreSlim(1);
        await admin.UseUpstreamAsync(upstream.Next(Reply.Gated(gate, "One ", "two ", "three.")));

        using var turn = await LiveTurn.OpenAsync(admin, "Count.", ""","use_documents":false""");
        await turn.NextAsync("start");
        await turn.NextAsync("sources");
        await turn.NextAsync("token");
        proxy.Cut();
        gate.Release(2);
        Assert.Equal("two ", (await turn.NextAsync("token")).Text("text"));
        Assert.Equal("three.", (await turn.NextAsync("token")).Text("text"));
        await turn.NextAsync("compliance");
        var ready = await new Api(server.Http, null).GetAsync("/readyz");
        Assert.Equal(503, (int)ready.Status);
        Assert.Equal("unavailable", ready.Json.GetProperty("dependencies").GetProperty("postgres").Text("status"));
        proxy.Restore();

        Assert.Equal(["audit", "low_confidence", "[DONE]"], (await turn.RestAsync()).Order);
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal("completed", entry.Outcome());
        Assert.Equal("One two three.", entry.GetProperty("content").Text("answer"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Without_the_database_no_turn_begins_and_the_problem_names_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = TcpProxy.Start(new Uri(database.ApplicationUrl).Port);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DATABASE_URL"] = proxy.Through(database.ApplicationUrl) }, database);
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(upstream);

        proxy.Cut();
        var problem = (await admin.PostAsync("/api/chat", """{"message":"Anyone?"}""")).Problem(503);
        Assert.Contains("PostgreSQL", problem.Text("title"), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);

        proxy.Restore();
        Assert.True((await admin.ChatAsync("And now?")).Done);
        Assert.Single(await admin.WaitForEntriesAsync("chat.completed", 1));
        await admin.AssertLogIsCleanAsync();
    }

    private static async Task<LiveTurn> BeginAsync(Api admin)
    {
        var turn = await LiveTurn.OpenAsync(admin, "Count, please.", ""","use_documents":false""");
        turn.ConversationId = (await turn.NextAsync("start")).Text("conversation_id");
        await turn.NextAsync("sources");
        await turn.NextAsync("token");
        await turn.NextAsync("token");
        return turn;
    }

    private static NpgsqlDataSource OpenDatabase(TestDatabase database)
    {
        Assert.True(DatabaseUrl.TryParse(database.ApplicationUrl, out var url, out var reason), reason);
        return PostgresServices.Open(url);
    }

    private static async Task<int> LookAsync(NpgsqlDataSource source, TimeSpan later)
    {
        Assert.True(MasterKeys.TryParse(LexCustisServer.MasterKeys, out var keys, out var reason), reason);
        await using var log = new AuditLog(
            new TenantDatabase(source), new ChainWriter(keys, TimeProvider.System), TimeProvider.System, NullLogger<AuditLog>.Instance);
        using var turns = new InterruptedTurns(new TenantDirectory(source), log, new LaterClock(later), NullLogger<InterruptedTurns>.Instance);
        return await turns.RecordAsync(TestContext.Current.CancellationToken);
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
