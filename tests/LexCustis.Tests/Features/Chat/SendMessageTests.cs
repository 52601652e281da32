using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Chat;

public sealed class SendMessageTests(SharedServer shared)
{
    [Fact]
    public async Task A_question_is_answered_from_the_knowledge_base_and_recorded()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var turn = await admin.ChatAsync("How long must providers keep logs?");

        Assert.Equal(HttpStatusCode.OK, turn.Status);
        Assert.Equal(["start", "sources", "token", "compliance", "audit", "[DONE]"], turn.Order);
        Assert.Contains("six months", turn.Answer, StringComparison.Ordinal);
        Assert.NotEmpty(turn.Frame("start").GetProperty("ai_notice").GetString()!);

        var receipt = turn.Frame("audit");
        var entry = await admin.GetAsync($"/api/audit/{receipt.GetProperty("id").GetString()}");
        Assert.Equal(receipt.GetProperty("entry_hash").GetString(), entry.Json.GetProperty("entry_hash").GetString());
        Assert.Equal("chat.completed", entry.Json.GetProperty("event_type").GetString());
        Assert.Equal(turn.Answer, entry.Json.GetProperty("content").GetProperty("answer").GetString());
        await admin.AssertLogIsCleanAsync();
    }
}
