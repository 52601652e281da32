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
            ["organization_id", "valid", "rows", "previous_key", "head", "findings", "verified_at", "duration_ms"],
            report.EnumerateObject().Select(static member => member.Name));
        Assert.Equal((true, 2, 0, 0), (report.GetProperty("valid").GetBoolean(), report.GetProperty("rows").GetInt64(), report.GetProperty("previous_key").GetInt64(), report.GetProperty("findings").GetArrayLength()));
        Assert.Equal(2, report.GetProperty("head").GetProperty("sequence").GetInt64());
        Assert.Equal(turn.GetProperty("entry_hash").GetString(), report.GetProperty("head").GetProperty("entry_hash").GetString());

        var entry = Assert.Single(await admin.ReadLogAsync("&event_type=audit.verified"));
        Assert.Equal("""{"rows":2,"valid":true}""", entry.GetProperty("data").GetRawText());
        Assert.Equal(admin.UserId, entry.GetProperty("user_id").GetGuid());
        Assert.Equal(3, (await admin.PostAsync("/api/audit/verify")).Json.GetProperty("rows").GetInt64());
    }
}
