using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Oversight;

public sealed class SuspensionTests(SharedServer shared)
{
    private const string Reason = "Wrong figures in the answers about pay.";
    private const string Completion = """{"messages":[{"role":"user","content":"Anyone?"}]}""";

    [Fact]
    public async Task A_suspended_assistant_answers_nobody_and_says_why()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var elsewhere = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream);

        var suspended = await admin.PostAsync("/api/oversight/suspend", $$"""{"reason":" {{Reason}} "}""");
        Assert.Equal(HttpStatusCode.OK, suspended.Status);
        Assert.Equal((true, Reason), (suspended.Json.GetProperty("suspended").GetBoolean(), suspended.Json.Text("suspended_reason")));
        var organization = (await member.GetAsync("/api/organization")).Json;
        Assert.Equal((true, Reason, suspended.Json.Text("suspended_at")), (organization.GetProperty("suspended").GetBoolean(), organization.Text("suspended_reason"), organization.Text("suspended_at")));

        var refusal = (await member.PostAsync("/api/chat", """{"message":"Anyone?"}""")).Problem(503);
        Assert.Equal("The assistant is suspended", refusal.Text("title"));
        Assert.Contains(Reason, refusal.Text("detail"), StringComparison.Ordinal);
        var gateway = await member.PostAsync("/v1/chat/completions", Completion);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "suspended"), (gateway.Status, gateway.Json.GetProperty("error").Text("type")));
        Assert.Contains(Reason, gateway.Json.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
        // A refusal takes no turn of the budget, and no other organization notices.
        Assert.Equal(0, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("used").GetInt32());
        Assert.True((await elsewhere.ChatAsync("How long must providers keep logs?")).Done);

        (await admin.PostAsync("/api/oversight/suspend", """{"reason":"Again."}""")).Problem(409);
        var resumed = await admin.PostAsync("/api/oversight/resume", """{"note":"Index rebuilt."}""");
        Assert.Equal((HttpStatusCode.OK, false), (resumed.Status, resumed.Json.GetProperty("suspended").GetBoolean()));
        (await admin.PostAsync("/api/oversight/resume")).Problem(409);
        Assert.Equal(JsonValueKind.Null, (await member.GetAsync("/api/organization")).Json.GetProperty("suspended_at").ValueKind);
        Assert.True((await member.ChatAsync("And now?", ""","use_documents":false""")).Done);

        var log = await admin.ReadLogAsync();
        Assert.Equal(["assistant.suspended", "chat.refused", "chat.refused", "assistant.resumed", "chat.completed"],
            log.Select(static entry => entry.Text("event_type")).Where(static type => type is not ("organization.registered" or "settings.changed" or "user.invited" or "session.started")));
        Assert.All(log.Where(static entry => entry.Text("event_type") == "chat.refused"), static entry => Assert.Equal("""{"reason":"suspended"}""", entry.GetProperty("data").GetRawText()));
        // What was written is content, under the key of whoever wrote it.
        var entry = (await admin.GetAsync($"/api/audit/{suspended.Json.GetProperty("receipt").Text("id")}")).Json;
        Assert.Equal((Reason, "{}", admin.UserId), (entry.GetProperty("content").Text("reason"), entry.GetProperty("data").GetRawText(), entry.GetProperty("subject_id").GetGuid()));
        Assert.Equal("Index rebuilt.", (await admin.GetAsync($"/api/audit/{resumed.Json.GetProperty("receipt").Text("id")}")).Json.GetProperty("content").Text("note"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Suspending_on_one_server_ends_a_stream_on_another_and_leaves_other_organizations_alone()
    {
        await using var other = await LexCustisServer.StartAsync(database: shared.Server.Database);
        var admin = await Api.RegisterAsync(shared.Server);
        var elsewhere = await Api.RegisterAsync(shared.Server);
        using var gate = new SemaphoreSlim(1);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var others = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.HangAfter("One ", "two ")));
        await elsewhere.UseUpstreamAsync(others.Next(Reply.Gated(gate, "One ", "two.")));

        using var turn = await BeginAsync(new Api(other.Http, admin.Token));
        using var spared = await BeginAsync(new Api(other.Http, elsewhere.Token));
        await turn.NextAsync("token");
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync("/api/oversight/suspend", $$"""{"reason":"{{Reason}}"}""")).Status);

        var rest = await turn.RestAsync();
        Assert.Equal(["error", "compliance", "audit", "low_confidence", "[DONE]"], rest.Order);
        var problem = rest.Frame("error").GetProperty("problem");
        Assert.Equal((503, "The assistant is suspended"), (problem.GetProperty("status").GetInt32(), problem.Text("title")));
        Assert.Contains(Reason, problem.Text("detail"), StringComparison.Ordinal);
        await upstream.Requests[0].Aborted.WaitAsync(TimeSpan.FromSeconds(20));

        gate.Release();
        Assert.True((await spared.RestAsync()).Done);
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal(("suspended", "One two "), (entry.Outcome(), entry.GetProperty("content").Text("answer")));
        Assert.Equal("completed", Assert.Single(await elsewhere.WaitForEntriesAsync("chat.completed", 1)).Outcome());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_suspension_that_was_over_at_once_ends_the_streams_all_the_same()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.HangAfter("One ")));
        var gateway = admin.PostAsync("/v1/chat/completions", Completion);
        while (upstream.Requests.Count == 0)
            await Task.Delay(5);

        await admin.PostAsync("/api/oversight/suspend", $$"""{"reason":"{{Reason}}"}""");
        await admin.PostAsync("/api/oversight/resume");
        var answer = await gateway;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "suspended"), (answer.Status, answer.Json.GetProperty("error").Text("type")));
        Assert.Equal("suspended", (await admin.WaitForTurnAsync()).Outcome());
        // One that begins now is not touched by it.
        Assert.True((await admin.ChatAsync("And now?", ""","use_documents":false""")).Done);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Many_who_suspend_at_once_suspend_once()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => admin.PostAsync("/api/oversight/suspend", $$"""{"reason":"Reason {{number}}"}""")));
        var won = Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.OK), static answer => answer.Problem(409));
        Assert.Single(await admin.ReadLogOfAsync("assistant.suspended"));
        Assert.Equal(won.Json.Text("suspended_reason"), (await admin.GetAsync("/api/organization")).Json.Text("suspended_reason"));
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("suspend", "{}", "reason")]
    [InlineData("suspend", """{"reason":" "}""", "reason")]
    [InlineData("suspend", """{"reason":5}""", "reason")]
    [InlineData("resume", """{"note":[]}""", "note")]
    public async Task A_bad_field_is_named_and_nothing_is_suspended(string act, string body, string field)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal([field], (await admin.PostAsync($"/api/oversight/{act}", body)).WrongFields());
        Assert.Equal(["reason"], (await admin.PostAsync("/api/oversight/suspend", $$"""{"reason":"{{new string('a', 1_001)}}"}""")).WrongFields());
        Assert.False((await admin.GetAsync("/api/organization")).Json.GetProperty("suspended").GetBoolean());
    }

    private static async Task<LiveTurn> BeginAsync(Api caller)
    {
        var turn = await LiveTurn.OpenAsync(caller, "Count, please.", ""","use_documents":false""");
        await turn.NextAsync("start");
        await turn.NextAsync("sources");
        await turn.NextAsync("token");
        return turn;
    }
}
