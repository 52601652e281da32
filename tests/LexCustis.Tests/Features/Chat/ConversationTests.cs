using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Chat;

public sealed class ConversationTests(SharedServer shared)
{
    private const string NoDocuments = ""","use_documents":false""";

    [Fact]
    public async Task A_conversation_goes_on_with_what_was_said_before()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.Tokens("Hello, ", "Ada.")).Next(Reply.Tokens("You are Ada.")).Next(Reply.Tokens("Still Ada.")));

        var first = await admin.ChatAsync("I am Ada.", NoDocuments);
        var id = first.Frame("start").Text("conversation_id");
        var second = await admin.ChatAsync("Who am I?", $"{NoDocuments},\"conversation_id\":\"{id}\"");
        await admin.ChatAsync("And now?", $"{NoDocuments},\"conversation_id\":\"{id}\"");

        Assert.Equal(id, second.Frame("start").Text("conversation_id"));
        Assert.Equal(
            ["user: I am Ada.", "assistant: Hello, Ada.", "user: Who am I?", "assistant: You are Ada.", "user: And now?"],
            upstream.Requests[^1].Messages.Skip(1).Select(static message => $"{message.Role}: {message.Content}"));

        var conversation = await admin.GetAsync($"/api/conversations/{id}");
        var turns = conversation.Json.GetProperty("turns").EnumerateArray().ToList();
        Assert.Equal(["I am Ada.", "Who am I?", "And now?"], turns.Select(static turn => turn.Text("message")));
        Assert.Equal(["Hello, Ada.", "You are Ada.", "Still Ada."], turns.Select(static turn => turn.Text("answer")));
        Assert.All(turns, static turn => Assert.Equal("recorded", turn.Text("status")));
        Assert.Equal(first.Frame("audit").Text("id"), turns[0].Text("audit_log_id"));
        Assert.Equal(first.Frame("audit").GetProperty("sequence").GetInt64(), turns[0].GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task A_long_conversation_sends_only_as_much_as_fits()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream);
        string? id = null;
        for (var number = 1; number <= 5; number++)
        {
            var turn = await admin.ChatAsync($"Question {number} {new string('x', 5000)}", id is null ? NoDocuments : $"{NoDocuments},\"conversation_id\":\"{id}\"");
            id = turn.Frame("start").Text("conversation_id");
        }

        // The three newest before the question fill the 16,000 characters; the oldest is left out, the question never.
        var sent = upstream.Requests[^1].Messages.Where(static message => message.Role == "user").Select(static message => message.Content[.."Question 1".Length]);
        Assert.Equal(["Question 2", "Question 3", "Question 4", "Question 5"], sent);
    }

    [Fact]
    public async Task A_conversation_belongs_to_the_person_who_began_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var stranger = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream);
        var id = (await member.ChatAsync("Mine alone.", NoDocuments)).Frame("start").Text("conversation_id");

        foreach (var other in (Api[])[admin, stranger])
        {
            (await other.GetAsync($"/api/conversations/{id}")).Problem(404);
            (await other.DeleteAsync($"/api/conversations/{id}")).Problem(404);
            (await other.PostAsync("/api/chat", $$"""{"message":"Let me in.","conversation_id":"{{id}}"}""")).Problem(404);
            Assert.Empty((await other.GetAsync("/api/conversations")).Json.GetProperty("items").EnumerateArray());
        }

        Assert.Single(upstream.Requests);
        Assert.Single((await member.GetAsync($"/api/conversations/{id}")).Json.GetProperty("turns").EnumerateArray());
        // A turn that was not admitted is no turn of the budget either.
        Assert.Equal(1, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("used").GetInt32());
    }

    [Fact]
    public async Task The_list_is_newest_first_titled_by_the_first_message_and_paged()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        string[] messages = ["First", $"Second is long: {string.Concat(Enumerable.Repeat("word ", 30))}", "  Third\nwith a second line"];
        var ids = new List<string>();
        foreach (var message in messages)
            ids.Add((await admin.ChatAsync(message)).Frame("start").Text("conversation_id"));

        var read = new List<JsonElement>();
        for (var (pages, cursor) = (0, ""); ; pages++)
        {
            Assert.True(pages < 3);
            var page = (await admin.GetAsync($"/api/conversations?limit=1{cursor}")).Json;
            read.AddRange(page.GetProperty("items").EnumerateArray());
            Assert.Equal(pages + 1, read.Count);
            if (page.GetProperty("next_cursor").GetString() is not { } next)
                break;
            cursor = $"&cursor={next}";
        }

        Assert.Equal(Enumerable.Reverse(ids), read.Select(static item => item.Text("id")));
        Assert.Equal("Third", read[0].Text("title"));
        Assert.InRange(read[1].Text("title").Length, 60, 80);
        Assert.EndsWith("word…", read[1].Text("title"), StringComparison.Ordinal);
        Assert.Equal("First", read[2].Text("title"));

        // A new turn moves its conversation to the top.
        await admin.ChatAsync("Once more", $",\"conversation_id\":\"{ids[0]}\"");
        var top = (await admin.GetAsync("/api/conversations")).Json.GetProperty("items")[0];
        Assert.Equal(ids[0], top.Text("id"));
        Assert.Equal("First", top.Text("title"));
        (await admin.GetAsync("/api/conversations?limit=0")).ProblemNames("limit");
        (await admin.GetAsync("/api/conversations?cursor=x")).ProblemNames("cursor");
    }

    [Fact]
    public async Task Deleting_a_conversation_leaves_the_log_as_it_was()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var turn = await admin.ChatAsync("Forget this.");
        var id = turn.Frame("start").Text("conversation_id");
        var before = await admin.ReadLogAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/conversations/{id}")).Status);

        (await admin.GetAsync($"/api/conversations/{id}")).Problem(404);
        (await admin.DeleteAsync($"/api/conversations/{id}")).Problem(404);
        (await admin.PostAsync("/api/chat", $$"""{"message":"Go on.","conversation_id":"{{id}}"}""")).Problem(404);
        Assert.Equal(before.Select(static entry => entry.Text("entry_hash")), (await admin.ReadLogAsync()).Select(static entry => entry.Text("entry_hash")));
        Assert.Equal("Forget this.", (await admin.ReadEntryAsync(turn)).GetProperty("content").Text("message"));
        Assert.Equal(1, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("used").GetInt32());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_turn_under_way_shows_as_running()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        using var gate = new SemaphoreSlim(0);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.Gated(gate, "Done.")));

        using var turn = await LiveTurn.OpenAsync(admin, "Take your time.");
        var id = (await turn.NextAsync("start")).Text("conversation_id");
        var running = Assert.Single((await admin.GetAsync($"/api/conversations/{id}")).Json.GetProperty("turns").EnumerateArray());
        gate.Release();
        await turn.RestAsync();
        var recorded = Assert.Single((await admin.GetAsync($"/api/conversations/{id}")).Json.GetProperty("turns").EnumerateArray());

        Assert.Equal("running", running.Text("status"));
        Assert.Equal("recorded", recorded.Text("status"));
        Assert.Equal(running.Text("audit_log_id"), recorded.Text("audit_log_id"));
    }
}
