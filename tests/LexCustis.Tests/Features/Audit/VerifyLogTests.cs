using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

public sealed class VerifyLogTests(SharedServer shared)
{
    [Fact]
    public async Task The_report_says_what_was_read_and_is_an_entry_itself()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var turn = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit");

        var report = (await admin.PostAsync("/api/audit/verify")).Json;

        Assert.Equal(
            ["organization_id", "valid", "rows", "previous_key", "head", "checkpoints", "findings", "verified_at", "duration_ms"],
            report.EnumerateObject().Select(static member => member.Name));
        Assert.Equal((true, 2, 0, 0), (report.GetProperty("valid").GetBoolean(), report.GetProperty("rows").GetInt64(), report.GetProperty("previous_key").GetInt64(), report.GetProperty("findings").GetArrayLength()));
        Assert.Equal(2, report.GetProperty("head").GetProperty("sequence").GetInt64());
        Assert.Equal(turn.GetProperty("entry_hash").GetString(), report.GetProperty("head").GetProperty("entry_hash").GetString());

        var entry = Assert.Single(await admin.ReadLogAsync("&event_type=audit.verified"));
        Assert.Equal("""{"rows":2,"valid":true}""", entry.GetProperty("data").GetRawText());
        Assert.Equal(admin.UserId, entry.GetProperty("user_id").GetGuid());
        Assert.Equal(3, (await admin.PostAsync("/api/audit/verify")).Json.GetProperty("rows").GetInt64());
        Assert.Equal("""{"stored":0,"anchored":0,"latest_size":0,"unverified":0}""", report.GetProperty("checkpoints").GetRawText());
    }

    [Fact]
    public async Task Whoever_accepts_events_is_told_how_far_it_is_and_gets_the_report_last()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.ChatAsync("How long must providers keep logs?");

        var answer = await StreamAsync(shared.Server, admin);

        Assert.True(answer.Done);
        Assert.Equal("""{"type":"progress","rows":2,"total":2}""", answer.Frames[^2].GetRawText());
        Assert.Equal("report", ChatAnswer.TypeOf(answer.Frames[^1]));
        var report = answer.Frames[^1].GetProperty("report");
        Assert.Equal((true, 2L), (report.GetProperty("valid").GetBoolean(), report.GetProperty("rows").GetInt64()));
        Assert.Equal(3, (await admin.ReadLogAsync()).Count);
        Assert.Equal((await admin.PostAsync("/api/audit/verify")).Json.SortedNames(), report.SortedNames());
    }

    [Fact]
    public async Task Anchors_that_cannot_be_read_are_said_so_and_nothing_is_called_clean()
    {
        using var folder = new CheckpointFolder();
        await using var server = await LexCustisServer.StartAsync(folder.Settings());
        var admin = await Api.RegisterAsync(server);
        Directory.Delete(folder.Anchors, recursive: true);
        await File.WriteAllTextAsync(folder.Anchors, "a file where the directory was");

        Assert.Equal("The anchors cannot be read", (await admin.PostAsync("/api/audit/verify")).Problem(503).Text("title"));
        var streamed = await StreamAsync(server, admin);
        Assert.Equal("error", ChatAnswer.TypeOf(Assert.Single(streamed.Frames)));
        Assert.Equal(503, streamed.Frames[0].GetProperty("problem").GetProperty("status").GetInt32());
        Assert.True(streamed.Done);
        Assert.Single(await admin.ReadLogAsync());
    }

    private static async Task<ChatAnswer> StreamAsync(LexCustisServer server, Api caller)
    {
        using var request = caller.Request(HttpMethod.Post, "/api/audit/verify", "{}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await server.Http.SendAsync(request);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return ChatAnswer.Read(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(), "VerificationFrame");
    }
}
