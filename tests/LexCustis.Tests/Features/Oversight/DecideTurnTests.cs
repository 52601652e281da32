using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Oversight;

public sealed class DecideTurnTests(SharedServer shared)
{
    private const string NoDocuments = ""","use_documents":false""";
    private const string Correction = "Write to Zora's assistant instead.";

    [Fact]
    public async Task A_decision_and_each_change_of_it_are_entries_with_what_was_written_as_their_content()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (id, _) = await AskAsync(admin);

        var first = await admin.PutAsync($"/api/oversight/{id}", """{"decision":"dismissed"}""");
        Assert.Equal(HttpStatusCode.OK, first.Status);
        var dismissed = first.Json.GetProperty("decision").Text("id");
        var second = await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"overridden","note":"  Wrong person. ","corrected_answer":"{{Correction}}","replaces":"{{dismissed}}"}""");
        Assert.Equal(HttpStatusCode.OK, second.Status);
        var overridden = second.Json.GetProperty("decision").Text("id");

        Assert.Equal(("overridden", overridden), (second.Json.Text("status"), second.Json.GetProperty("receipt").Text("id")));
        var entries = (await admin.ReadLogAsync()).Where(static entry => entry.Text("event_type").StartsWith("oversight.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["oversight.dismissed", "oversight.overridden"], entries.Select(static entry => entry.Text("event_type")));
        Assert.Equal([$$"""{"audit_log_id":"{{id}}"}""", $$"""{"audit_log_id":"{{id}}","replaces":"{{dismissed}}"}"""], entries.Select(static entry => entry.GetProperty("data").GetRawText()));
        Assert.Equal([false, true], entries.Select(static entry => entry.GetProperty("has_content").GetBoolean()));
        Assert.Equal(second.Json.GetProperty("receipt").Text("entry_hash"), entries[1].Text("entry_hash"));

        var entry = (await admin.GetAsync($"/api/audit/{overridden}")).Json;
        Assert.Equal(("Wrong person.", Correction), (entry.GetProperty("content").Text("note"), entry.GetProperty("content").Text("corrected_answer")));
        var history = (await admin.GetAsync($"/api/oversight/{id}")).Json.GetProperty("history").EnumerateArray().ToList();
        Assert.Equal(["dismissed", "overridden"], history.Select(static past => past.Text("decision")));
        Assert.Equal(JsonValueKind.Null, history[0].GetProperty("content").ValueKind);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_correction_is_shown_to_the_person_who_asked_and_the_conversation_goes_on_from_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.Tokens("Fourteen ", "days.")).Next(Reply.Tokens("Yes.")).Next(Reply.Tokens("As you say.")));
        var compliance = await admin.AddUserAsync(shared.Server, "compliance");
        var member = await admin.AddUserAsync(shared.Server, "member");
        var (id, conversation) = await AskAsync(member, "How many days, by Art. 73(2)?");
        var (_, other) = await AskAsync(member, "Sure?", $",\"conversation_id\":\"{conversation}\"");
        Assert.Equal(conversation, other);
        Assert.All(await TurnsOfAsync(member, conversation), static turn => Assert.Equal(JsonValueKind.Null, turn.GetProperty("correction").ValueKind));

        var decided = await compliance.PutAsync($"/api/oversight/{id}", """{"decision":"overridden","note":"See the article.","corrected_answer":"Fifteen days."}""");
        var turns = await TurnsOfAsync(member, conversation);
        var correction = turns[0].GetProperty("correction");
        Assert.Equal(["answer", "decided_at"], correction.SortedNames());
        Assert.Equal(("Fifteen days.", "Fourteen days."), (correction.Text("answer"), turns[0].Text("answer")));
        Assert.Equal(JsonValueKind.Null, turns[1].GetProperty("correction").ValueKind);
        // The reviewer's note is not for the person who asked.
        Assert.DoesNotContain("See the article", (await member.GetAsync($"/api/conversations/{conversation}")).Text, StringComparison.Ordinal);

        await AskAsync(member, "And now?", $",\"conversation_id\":\"{conversation}\"");
        Assert.Equal(["Fifteen days.", "Yes."], upstream.Requests[^1].Messages.Where(static message => message.Role == "assistant").Select(static message => message.Content));

        // Withdrawn again, it is shown no more.
        await compliance.PutAsync($"/api/oversight/{id}", $$"""{"decision":"approved","replaces":"{{decided.Json.GetProperty("decision").Text("id")}}"}""");
        Assert.All(await TurnsOfAsync(member, conversation), static turn => Assert.Equal(JsonValueKind.Null, turn.GetProperty("correction").ValueKind));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Of_many_reviewers_at_once_one_decides_and_the_others_learn_what()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (id, _) = await AskAsync(admin);
        string[] decisions = ["approved", "dismissed", "escalated", "approved", "dismissed", "escalated", "approved", "dismissed"];

        var answers = await Task.WhenAll(decisions.Select(decision => admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"{{decision}}"}""")));
        var won = Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK).Json.GetProperty("decision");
        Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.OK), answer =>
            Assert.Equal(won.Text("id"), answer.Problem(409).GetProperty("current").Text("id")));

        // Now all want to change that same decision: again one does.
        var changes = await Task.WhenAll(decisions.Select(decision => admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"{{decision}}","replaces":"{{won.Text("id")}}"}""")));
        var changed = Assert.Single(changes, static answer => answer.Status == HttpStatusCode.OK).Json.GetProperty("decision");
        Assert.All(changes.Where(static answer => answer.Status != HttpStatusCode.OK), answer =>
        {
            var current = answer.Problem(409).GetProperty("current");
            Assert.Equal((changed.Text("id"), changed.Text("decision")), (current.Text("id"), current.Text("decision")));
        });

        Assert.Equal(2, (await admin.ReadLogAsync()).Count(static entry => entry.Text("event_type").StartsWith("oversight.", StringComparison.Ordinal)));
        var escalations = new[] { won.Text("decision"), changed.Text("decision") }.Count(static decision => decision == "escalated");
        Assert.Equal(Math.Min(1, escalations), (await admin.ReadLogOfAsync("incident.reported")).Count);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_decision_that_names_what_is_not_there_changes_nothing()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (id, _) = await AskAsync(admin);
        var none = (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"approved","replaces":"{{Guid.CreateVersion7()}}"}""")).Problem(409);
        Assert.Equal(JsonValueKind.Null, none.GetProperty("current").ValueKind);
        Assert.Equal("pending", (await admin.GetAsync($"/api/oversight/{id}")).Json.Text("status"));
        Assert.DoesNotContain(await admin.ReadLogAsync(), static entry => entry.Text("event_type").StartsWith("oversight.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unflagged_turn_can_be_overridden_too()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PatchAsync("/api/organization", """{"low_confidence_threshold":0}""");
        var (id, _) = await AskAsync(admin, "Say hello.");
        Assert.Empty((await admin.GetAsync("/api/oversight")).Json.GetProperty("items").EnumerateArray());

        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"/api/oversight/{id}", """{"decision":"overridden","corrected_answer":"Good day."}""")).Status);
        var item = Assert.Single((await admin.GetAsync("/api/oversight?status=overridden")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal((id, "[]"), (item.GetProperty("audit_log_id").GetGuid(), item.GetProperty("reasons").GetRawText()));
    }

    [Fact]
    public async Task Escalating_makes_one_incident_linked_to_the_turn()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (id, _) = await AskAsync(admin);

        var escalated = (await admin.PutAsync($"/api/oversight/{id}", """{"decision":"escalated","note":"Zora's address went out."}""")).Json.GetProperty("decision");
        var dismissed = (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"dismissed","replaces":"{{escalated.Text("id")}}"}""")).Json.GetProperty("decision");
        var again = (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"escalated","replaces":"{{dismissed.Text("id")}}"}""")).Json.GetProperty("decision");

        Assert.Equal(escalated.Text("incident_id"), again.Text("incident_id"));
        var reported = Assert.Single(await admin.ReadLogOfAsync("incident.reported")).GetProperty("data");
        Assert.Equal((escalated.Text("incident_id"), id.ToString(), "open"),
            (reported.Text("incident_id"), reported.GetProperty("audit_log_ids")[0].GetString(), reported.Text("status")));
        Assert.Equal(escalated.Text("incident_id"), Assert.Single(await admin.ReadLogOfAsync("oversight.escalated"), entry => entry.Text("id") == escalated.Text("id")).GetProperty("data").Text("incident_id"));
        // What the reviewer wrote stays in the entry's content, where erasure reaches it.
        Assert.Equal(0, await shared.Server.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM incidents WHERE organization_id = '{admin.OrganizationId}' AND (title ILIKE '%zora%' OR description ILIKE '%zora%')"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task With_four_eyes_nobody_decides_on_their_own_turn()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var compliance = await admin.AddUserAsync(shared.Server, "compliance");
        var (own, _) = await AskAsync(compliance);
        var (others, _) = await AskAsync(admin);
        Assert.True((await admin.PatchAsync("/api/organization", """{"four_eyes":true}""")).Json.GetProperty("four_eyes").GetBoolean());
        Assert.Equal("""{"four_eyes":"true"}""", (await admin.ReadLogOfAsync("settings.changed"))[^1].GetProperty("data").GetProperty("changes").GetRawText());

        var refusal = (await compliance.PutAsync($"/api/oversight/{own}", """{"decision":"approved"}""")).Problem(403);
        Assert.Contains("Four-eyes", refusal.Text("detail"), StringComparison.Ordinal);
        var detail = (await compliance.GetAsync($"/api/oversight/{own}")).Json;
        Assert.Equal((true, false), (detail.GetProperty("four_eyes").GetBoolean(), detail.GetProperty("may_decide").GetBoolean()));
        // Nor by way of an API key of one's own.
        var key = (await admin.PostAsync("/api/api-keys", """{"name":"k","role":"compliance"}""")).Json.Text("key");
        (await new Api(shared.Server.Http, key).PutAsync($"/api/oversight/{others}", """{"decision":"approved"}""")).Problem(403);

        Assert.Equal(HttpStatusCode.OK, (await compliance.PutAsync($"/api/oversight/{others}", """{"decision":"approved"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"/api/oversight/{own}", """{"decision":"approved"}""")).Status);
        await admin.PatchAsync("/api/organization", """{"four_eyes":false}""");
        var (later, _) = await AskAsync(compliance);
        Assert.Equal(HttpStatusCode.OK, (await compliance.PutAsync($"/api/oversight/{later}", """{"decision":"approved"}""")).Status);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task What_a_reviewer_writes_is_erased_with_the_person_who_asked()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var (id, _) = await AskAsync(member);
        var decided = (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"overridden","note":"Zora moved.","corrected_answer":"{{Correction}}"}""")).Json.GetProperty("decision");
        var entry = (await admin.GetAsync($"/api/audit/{decided.Text("id")}")).Json;
        Assert.Equal(member.UserId, entry.GetProperty("subject_id").GetGuid());

        // What erasing does to the keys.
        await shared.Server.Database.ExecuteAsync($"UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE subject_id = '{member.UserId}'");
        var detail = (await admin.GetAsync($"/api/oversight/{id}")).Json;
        Assert.Equal(("erased", "erased"), (detail.Text("content"), detail.GetProperty("history")[0].Text("content")));

        var refused = (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"approved","note":"About Zora.","replaces":"{{decided.Text("id")}}"}""")).Problem(409);
        Assert.False(refused.TryGetProperty("current", out _));
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"/api/oversight/{id}", $$"""{"decision":"approved","replaces":"{{decided.Text("id")}}"}""")).Status);
    }

    [Theory]
    [InlineData("{}", "decision")]
    [InlineData("""{"decision":"pending"}""", "decision")]
    [InlineData("""{"decision":7}""", "decision")]
    [InlineData("""{"decision":"overridden"}""", "corrected_answer")]
    [InlineData("""{"decision":"overridden","corrected_answer":"  "}""", "corrected_answer")]
    [InlineData("""{"decision":"approved","corrected_answer":"Better."}""", "corrected_answer")]
    [InlineData("""{"decision":"approved","note":["x"]}""", "note")]
    [InlineData("""{"decision":"approved","note":"a\u0000b"}""", "note")]
    [InlineData("""{"decision":"approved","replaces":"the last"}""", "replaces")]
    public async Task A_decision_that_cannot_be_is_named(string body, string field)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal([field], (await admin.PutAsync($"/api/oversight/{Guid.CreateVersion7()}", body)).WrongFields());
        Assert.Equal(["note"], (await admin.PutAsync($"/api/oversight/{Guid.CreateVersion7()}", $$"""{"decision":"approved","note":"{{new string('a', 10_001)}}"}""")).WrongFields());
    }

    private static async Task<(Guid Id, string Conversation)> AskAsync(Api caller, string message = "Write to zora.quist@example.org.", string more = "")
    {
        var turn = await caller.ChatAsync(message, NoDocuments + more);
        Assert.True(turn.Done, turn.Text);
        return (turn.Frame("audit").GetProperty("id").GetGuid(), turn.Frame("start").Text("conversation_id"));
    }

    private static async Task<List<JsonElement>> TurnsOfAsync(Api caller, string conversation) =>
        [.. (await caller.GetAsync($"/api/conversations/{conversation}")).Json.GetProperty("turns").EnumerateArray()];
}
