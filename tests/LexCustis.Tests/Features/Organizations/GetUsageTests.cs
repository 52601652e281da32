using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Organizations;

public sealed class GetUsageTests(SharedServer shared)
{
    [Fact]
    public async Task Usage_counts_todays_turns_against_the_lower_cap()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PatchAsync("/api/organization", """{"daily_chat_cap":5}""");
        await admin.ChatAsync("How long must providers keep logs?");

        var usage = (await admin.GetAsync("/api/organization/usage")).Json;

        Assert.Equal(["cap", "day", "resets_at", "used"], usage.SortedNames());
        var resetsAt = usage.GetProperty("resets_at").GetDateTimeOffset();
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (resetsAt.Offset, resetsAt.TimeOfDay));
        Assert.Equal(DateOnly.FromDateTime(resetsAt.UtcDateTime.AddDays(-1)).ToString("yyyy-MM-dd"), usage.Text("day"));
        Assert.Equal(5, usage.GetProperty("cap").GetInt32());
        // Midnight may fall between the turn and the question.
        Assert.InRange(usage.GetProperty("used").GetInt32(), resetsAt.AddDays(-1) > TimeProvider.System.GetUtcNow().AddMinutes(-1) ? 0 : 1, 1);
    }

    [Fact]
    public async Task An_organization_cannot_raise_its_cap_above_the_operators()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PatchAsync("/api/organization", """{"daily_chat_cap":9999999}""");
        Assert.Equal(100_000, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("cap").GetInt32());
    }
}
