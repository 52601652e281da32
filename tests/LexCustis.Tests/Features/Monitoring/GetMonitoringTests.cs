using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Monitoring;

public sealed class GetMonitoringTests(SharedServer shared)
{
    private const string Url = "/api/monitoring";
    private const string NoDocuments = ""","use_documents":false""";

    [Fact]
    public async Task What_happened_is_counted_by_day_and_provider()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var elsewhere = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream
            .Next(Reply.Stream(["Good ", "day."], usage: (11, 2)))
            .Next(Reply.Stream(["I know ", "zora.quist@example.org."], usage: (20, 5)))
            .Next(Reply.Status(500)));
        await admin.PatchAsync("/api/organization", """{"low_confidence_threshold":0}""");
        await admin.ChatAsync("Say good day.", NoDocuments);
        var flagged = (await admin.ChatAsync("Whom do you know?", NoDocuments)).Frame("audit").Text("id");
        await admin.ChatAsync("Anyone?", NoDocuments);
        await admin.PutAsync($"/api/oversight/{flagged}", """{"decision":"overridden","corrected_answer":"Nobody."}""");
        await admin.PostAsync("/api/oversight/suspend", """{"reason":"Enough."}""");
        (await admin.PostAsync("/api/chat", """{"message":"Anyone?"}""")).Problem(503);
        await elsewhere.ChatAsync("How long must providers keep logs?");

        var answer = await admin.GetAsync(Url);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var report = answer.Json;
        Assert.Equal(["alerts", "days", "drift", "from", "providers", "through_sequence", "to", "totals"], report.SortedNames());
        var totals = report.GetProperty("totals");
        Assert.Equal(
            ["confidence", "flagged", "flags", "grounding", "latency", "outcomes", "oversight", "refusals", "tokens", "turns", "unreadable"], totals.SortedNames());
        Assert.Equal("""{"completed":2,"upstream_error":1}""", totals.GetProperty("outcomes").GetRawText());
        Assert.Equal((3, 1, 0), (totals.GetProperty("turns").GetInt32(), totals.GetProperty("flagged").GetInt32(), totals.GetProperty("unreadable").GetInt32()));
        Assert.Equal(1, totals.GetProperty("flags").GetProperty("pii").GetInt32());
        Assert.Equal("""{"prompt":31,"completion":7}""", totals.GetProperty("tokens").GetRawText());
        Assert.Equal("""{"budget":0,"rate_limit":0,"suspended":1}""", totals.GetProperty("refusals").GetRawText());
        Assert.Equal("""{"approved":0,"overridden":1,"escalated":0,"dismissed":0}""", totals.GetProperty("oversight").GetRawText());
        // The turn that failed had no answer to be sure of, and no first token, but took its time.
        var confidence = totals.GetProperty("confidence");
        Assert.Equal((2, 2), (confidence.GetProperty("count").GetInt32(), confidence.GetProperty("histogram").EnumerateArray().Sum(static bin => bin.GetInt32())));
        Assert.Equal(10, confidence.GetProperty("histogram").GetArrayLength());
        var latency = totals.GetProperty("latency");
        Assert.Equal((2, 3), (latency.GetProperty("first_token").GetProperty("count").GetInt32(), latency.GetProperty("total").GetProperty("count").GetInt32()));
        Assert.Equal(["count", "p50_ms", "p95_ms"], latency.GetProperty("total").SortedNames());

        var days = report.GetProperty("days").EnumerateArray().ToList();
        Assert.Equal(30, days.Count);
        Assert.Equal(3, days.Sum(static day => day.GetProperty("figures").GetProperty("turns").GetInt32()));
        Assert.Equal((days[0].Text("day"), days[^1].Text("day")), (report.Text("from"), report.Text("to")));
        var provider = Assert.Single(report.GetProperty("providers").EnumerateArray());
        Assert.Equal(("openai-compatible", "scripted-1", 3), (provider.Text("provider"), provider.Text("model"), provider.GetProperty("figures").GetProperty("turns").GetInt32()));
        var tests = report.GetProperty("drift").GetProperty("tests").EnumerateArray().ToList();
        Assert.Equal(
            ["flagged", "flag.pii", "flag.injection", "flag.bias", "flag.low_confidence", "unfinished", "confidence", "grounding"], tests.Select(static test => test.Text("kind")));
        Assert.All(tests, static test => Assert.Equal(("too_few_turns", JsonValueKind.Null), (test.Text("result"), test.GetProperty("p_value").ValueKind)));
        Assert.Equal(0, report.GetProperty("alerts").GetArrayLength());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task It_is_for_those_who_audit()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await (await admin.AddUserAsync(shared.Server, "member")).GetAsync(Url)).Problem(403);
        foreach (var role in (string[])["auditor", "compliance"])
            Assert.Equal(HttpStatusCode.OK, (await (await admin.AddUserAsync(shared.Server, role)).GetAsync(Url)).Status);
    }

    [Theory]
    [InlineData("?from=2026-11-01&to=2026-11-03", "2026-11-01", "2026-11-03", 3)]
    [InlineData("?from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z", "2026-11-01", "2026-11-02", 2)]
    [InlineData("?from=2026-11-01T23:30:00-02:00&to=2026-11-03T00:30:00Z", "2026-11-02", "2026-11-03", 2)]
    [InlineData("?to=2028-03-01", "2028-02-01", "2028-03-01", 30)]
    [InlineData("?from=2023-01-01&to=2026-01-04", "2023-01-01", "2026-01-04", 1100)]
    public async Task A_period_is_whole_days_in_UTC(string query, string from, string to, int days)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var report = (await admin.GetAsync(Url + query)).Json;
        Assert.Equal((from, to, days), (report.Text("from"), report.Text("to"), report.GetProperty("days").GetArrayLength()));
    }

    [Theory]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=11/22/2026", "to")]
    [InlineData("?from=2026-11-03&to=2026-11-01", "from")]
    [InlineData("?from=2023-01-01&to=2026-01-05", "from")]
    [InlineData("?from=0001-01-01&to=0001-01-02", "from")]
    [InlineData("?to=0001-01-01", "from")]
    [InlineData("?to=9999-12-31", "from")]
    public async Task A_period_that_cannot_be_is_named(string query, string field)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal([field], (await admin.GetAsync(Url + query)).WrongFields());
    }
}
