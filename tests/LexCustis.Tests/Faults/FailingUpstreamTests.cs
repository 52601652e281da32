using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Faults;

/// <summary>Whatever a model's server does, the client gets a whole stream with one clear error, and the log the turn as it was.</summary>
public sealed class FailingUpstreamTests(SharedServer shared)
{
    private const string Prompt = "Tell me about the confidential merger of Aachen Pumps and Zwolle Valves.";
    private const string Key = "key-of-the-organization";

    [Theory]
    [InlineData("400", 502, "upstream_error", "rejected", "", "400")]
    [InlineData("401", 502, "upstream_error", "rejected", "", "API key")]
    [InlineData("403", 502, "upstream_error", "rejected", "", "denies access")]
    [InlineData("404", 502, "upstream_error", "rejected", "", "no such model")]
    [InlineData("500", 502, "upstream_error", "unavailable", "", "failing")]
    [InlineData("503", 502, "upstream_error", "unavailable", "", "failing")]
    [InlineData("429", 503, "upstream_error", "rate_limited", "", "7 s")]
    [InlineData("302", 502, "upstream_error", "rejected", "", "redirect")]
    [InlineData("html", 502, "upstream_error", "malformed", "", "web page")]
    [InlineData("garbage", 502, "upstream_error", "malformed", "One two ", "not valid JSON")]
    [InlineData("wrong shape", 502, "upstream_error", "malformed", "One two ", "wrong shape")]
    [InlineData("huge", 502, "upstream_error", "malformed", "", "protocol")]
    [InlineData("ended", 502, "upstream_cut", "cut", "One two ", "before it was complete")]
    [InlineData("closed", 502, "upstream_cut", "cut", "One two ", "before its answer was complete")]
    [InlineData("error object", 502, "upstream_error", "unavailable", "One two ", "reported an error")]
    [InlineData("error object 429", 503, "upstream_error", "rate_limited", "One two ", "reported an error")]
    public async Task A_failure_is_one_error_frame_and_a_recorded_turn(string failure, int status, string outcome, string kind, string partial, string words)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(ScriptOf(failure)));

        var turn = await admin.ChatAsync(Prompt);

        string[] order = partial.Length == 0
            ? ["start", "sources", "error", "compliance", "audit", "[DONE]"]
            : ["start", "sources", "token", "error", "compliance", "audit", "low_confidence", "[DONE]"];
        Assert.Equal(order, turn.Order);
        Assert.Equal(partial, turn.Answer);
        var problem = turn.Frame("error").GetProperty("problem");
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(words, problem.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, turn.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Aachen", turn.Frame("error").GetRawText(), StringComparison.Ordinal);

        var entry = await admin.ReadEntryAsync(turn);
        Assert.Equal(outcome, entry.Outcome());
        Assert.Equal(kind, entry.GetProperty("data").GetProperty("failure").Text("kind"));
        if (int.TryParse(failure, out var upstreamStatus))
            Assert.Equal(upstreamStatus, entry.GetProperty("data").GetProperty("failure").GetProperty("status").GetInt32());
        Assert.Equal(Prompt, entry.GetProperty("content").Text("message"));
        Assert.Equal(partial, entry.GetProperty("content").Text("answer"));
        Assert.DoesNotContain("Aachen", entry.Text("body"), StringComparison.Ordinal);
        Assert.Single(upstream.Requests);
        AssertServersLogIsSilent();
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task An_upstream_that_refuses_connections_is_named_as_unreachable()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PatchAsync("/api/organization",
            $$"""{"provider":"openai-compatible","base_url":"http://127.0.0.1:{{Binary.FreePort()}}","model":"m","provider_api_key":"{{Key}}"}""");

        var turn = await admin.ChatAsync(Prompt);

        Assert.Equal(["start", "sources", "error", "compliance", "audit", "[DONE]"], turn.Order);
        Assert.Contains("cannot be reached", turn.Frame("error").GetProperty("problem").Text("detail"), StringComparison.Ordinal);
        var entry = await admin.ReadEntryAsync(turn);
        Assert.Equal("upstream_error", entry.Outcome());
        Assert.Equal("unavailable", entry.GetProperty("data").GetProperty("failure").Text("kind"));
        AssertServersLogIsSilent();
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_reset_connection_keeps_what_was_said_before_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var read = new TaskCompletionSource();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.ResetAfter(read.Task, "One ", "two ")));

        using var turn = await LiveTurn.OpenAsync(admin, Prompt);
        await turn.NextAsync("start");
        await turn.NextAsync("sources");
        await turn.NextAsync("token");
        await turn.NextAsync("token");
        read.SetResult();

        Assert.Equal(["error", "compliance", "audit", "low_confidence", "[DONE]"], (await turn.RestAsync()).Order);
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal("upstream_cut", entry.Outcome());
        Assert.Equal("One two ", entry.GetProperty("content").Text("answer"));
        await admin.AssertLogIsCleanAsync();
    }

    private void AssertServersLogIsSilent()
    {
        Assert.DoesNotContain(Key, shared.Server.Process.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Aachen", shared.Server.Process.Log, StringComparison.Ordinal);
    }

    private static Script ScriptOf(string failure) => failure switch
    {
        // An upstream that likes to repeat what it was sent.
        "400" or "401" or "403" or "404" or "500" or "503" => Reply.Status(int.Parse(failure), $"Wrong key {Key} for: {Prompt}"),
        "429" => Reply.Status(429, "Slow down.", retryAfter: "7"),
        "302" => Reply.Status(302),
        "html" => Reply.Body("text/html", $"<html>{Prompt}</html>"),
        "garbage" => Reply.TokensThenFrames(["One ", "two "], "{not json"),
        "wrong shape" => Reply.TokensThenFrames(["One ", "two "], """{"choices":"none"}"""),
        "huge" => Reply.HugeFrame(2 << 20),
        "ended" => Reply.EndAfter("One ", "two "),
        "closed" => Reply.CloseAfter(["One ", "two "]),
        "error object" => Reply.ErrorAfter(["One ", "two "], $"{Key} {Prompt}"),
        "error object 429" => Reply.ErrorAfter(["One ", "two "], "Too fast.", "rate_limit_exceeded"),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };
}
