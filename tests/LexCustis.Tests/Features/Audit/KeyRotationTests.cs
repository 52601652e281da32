using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

public sealed class KeyRotationTests
{
    private const string NewKey = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    [Fact]
    public async Task A_new_key_writes_on_and_the_old_one_still_verifies_and_decrypts()
    {
        await using var database = await TestDatabase.CreateAsync();
        Api admin;
        string old;
        await using (var before = await LexCustisServer.StartAsync(database: database))
        {
            admin = await Api.RegisterAsync(before);
            old = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit").GetProperty("id").GetString()!;
        }

        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_MASTER_KEYS"] = $"{NewKey},{LexCustisServer.MasterKeys}" }, database);
        var caller = new Api(server.Http, admin.Token);
        // The month's own key was wrapped under the old master key, and may be still; the entry is hashed under the new one.
        await caller.ChatAsync("How long must providers keep logs?");
        var report = (await caller.PostAsync("/api/audit/verify")).Json;

        Assert.True(report.GetProperty("valid").GetBoolean());
        Assert.Equal((3, 2), (report.GetProperty("rows").GetInt64(), report.GetProperty("previous_key").GetInt64()));
        Assert.Equal("How long must providers keep logs?", (await caller.GetAsync($"/api/audit/{old}")).Json.GetProperty("content").GetProperty("message").GetString());
        Assert.Equal(["k1", "k1", "k2", "k2", "k2"], await KidsAsync(caller));
        var (exit, output, _) = await Binary.RunAsync(["verify-audit"], server.Environment);
        Assert.Equal(0, exit);
        Assert.Contains("6 entries, 2 under a previous key", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_old_key_its_entries_are_named_and_nothing_crashes()
    {
        await using var database = await TestDatabase.CreateAsync();
        Api admin;
        string old;
        await using (var before = await LexCustisServer.StartAsync(database: database))
        {
            admin = await Api.RegisterAsync(before);
            old = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit").GetProperty("id").GetString()!;
        }

        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_MASTER_KEYS"] = NewKey }, database);
        var caller = new Api(server.Http, admin.Token);
        var report = (await caller.PostAsync("/api/audit/verify")).Json;

        Assert.Equal("""[{"verdict":"unknown_key","first_sequence":1,"count":2}]""", report.GetProperty("findings").GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await caller.GetAsync("/api/audit")).Status);
        Assert.Equal("unreadable", (await caller.GetAsync($"/api/audit/{old}")).Json.Text("content"));
        await server.WaitForLogAsync("which LEXCUSTIS_MASTER_KEYS does not have");
        var (exit, output, _) = await Binary.RunAsync(["verify-audit"], server.Environment);
        Assert.Equal(1, exit);
        Assert.Contains("unknown_key: 2, first at sequence 1", output, StringComparison.Ordinal);

        // With the key back, nothing is wrong: what was written meanwhile is linked to what was there.
        await using var repaired = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_MASTER_KEYS"] = $"{NewKey},{LexCustisServer.MasterKeys}" }, database);
        await new Api(repaired.Http, admin.Token).AssertLogIsCleanAsync();
    }

    private static async Task<List<string>> KidsAsync(Api caller)
    {
        var export = await caller.GetAsync("/api/audit/export");
        return [.. export.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
            System.Text.Json.JsonElement.Parse(System.Text.Json.JsonElement.Parse(line).GetProperty("body").GetString()!).GetProperty("kid").GetString()!)];
    }
}
