using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

public sealed class GetEntryTests(SharedServer shared)
{
    [Fact]
    public async Task An_entry_has_the_text_that_was_hashed_and_what_was_said()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var receipt = (await admin.ChatAsync("How long must providers keep logs? 🧾")).Frame("audit");
        var id = receipt.GetProperty("id").GetString();

        var entry = (await admin.GetAsync($"/api/audit/{id}")).Json;

        Assert.Equal(
            ["id", "sequence", "created_at", "event_type", "user_id", "subject_id", "data", "body", "previous_hash", "entry_hash", "content"],
            entry.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("How long must providers keep logs? 🧾", entry.GetProperty("content").GetProperty("message").GetString());
        Assert.Equal(receipt.GetProperty("entry_hash").GetString(), entry.GetProperty("entry_hash").GetString());
        Assert.Equal(admin.UserId, entry.GetProperty("subject_id").GetGuid());
        using var body = JsonDocument.Parse(entry.GetProperty("body").GetString()!);
        Assert.Equal(id, body.RootElement.GetProperty("id").GetString());
        Assert.Equal(entry.GetProperty("data").GetRawText(), body.RootElement.GetProperty("data").GetRawText());
        Assert.DoesNotContain("providers keep logs", entry.GetProperty("body").GetString(), StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Reading_content_is_an_entry_and_reading_anything_else_is_not()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var auditor = await admin.AddUserAsync(shared.Server, "auditor");
        var turn = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit").GetProperty("id").GetString();
        var registration = (await admin.ReadLogAsync())[0].GetProperty("id").GetString();

        await auditor.GetAsync("/api/audit");
        await auditor.GetAsync($"/api/audit/{registration}");
        await auditor.GetAsync($"/api/audit/{Guid.CreateVersion7()}");
        Assert.Empty(await admin.ReadLogAsync("&event_type=audit.content_read"));

        await auditor.GetAsync($"/api/audit/{turn}");
        var read = Assert.Single(await admin.ReadLogAsync("&event_type=audit.content_read"));
        Assert.Equal(auditor.UserId, read.GetProperty("user_id").GetGuid());
        Assert.Equal(turn, read.GetProperty("data").GetProperty("audit_log_id").GetString());

        // That entry has no content, so looking at it ends there.
        var looked = (await auditor.GetAsync($"/api/audit/{read.GetProperty("id").GetString()}")).Json;
        Assert.Equal(JsonValueKind.Null, looked.GetProperty("content").ValueKind);
        Assert.Single(await admin.ReadLogAsync("&event_type=audit.content_read"));
    }

    [Fact]
    public async Task The_content_of_an_erased_person_is_erased_and_the_log_stays_clean()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var theirs = (await member.ChatAsync("How long must providers keep logs?")).Frame("audit").GetProperty("id").GetString();
        var mine = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit").GetProperty("id").GetString();

        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
        {
            await using var transaction = await log.Database.BeginAsync(admin.OrganizationId, CancellationToken.None);
            await transaction.ExecuteAsync("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE organization_id = $1 AND subject_id = $2",
                [admin.OrganizationId, member.UserId], CancellationToken.None);
            await log.Log.AppendAsync(transaction, log.Event(admin.OrganizationId, 0, "subject.erased") with { SubjectId = member.UserId }, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        var erased = (await admin.GetAsync($"/api/audit/{theirs}")).Json;
        Assert.Equal("erased", erased.GetProperty("content").GetString());
        Assert.Equal("completed", erased.GetProperty("data").GetProperty("outcome").GetString());
        Assert.Equal("How long must providers keep logs?", (await admin.GetAsync($"/api/audit/{mine}")).Json.GetProperty("content").GetProperty("message").GetString());
        // Only what was shown was read.
        Assert.Equal(mine, Assert.Single(await admin.ReadLogAsync("&event_type=audit.content_read")).GetProperty("data").GetProperty("audit_log_id").GetString());
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("not-an-id")]
    [InlineData("018f4e6a-7c1b-7a52-9d3e-000000000001")]
    public async Task What_is_not_there_is_not_found(string id)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.GetAsync($"/api/audit/{id}")).Problem(404);
    }
}
