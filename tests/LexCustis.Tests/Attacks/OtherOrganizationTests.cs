using System.Net;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>An admin of one organization, who may do everything there, against another's rows.</summary>
public sealed class OtherOrganizationTests(SharedServer shared)
{
    [Fact]
    public async Task audit_log_invisible_cross_org()
    {
        var victim = await Api.RegisterAsync(shared.Server, "Invisible Works");
        var intruder = await Api.RegisterAsync(shared.Server);
        var turn = await victim.ChatAsync("How long must providers keep logs?");
        var entryId = turn.Frame("audit").Text("id")!;
        var ids = (await victim.ReadLogAsync()).Select(static entry => entry.Text("id")!).ToList();
        Assert.Contains(entryId, ids);
        Assert.Equal(HttpStatusCode.OK, (await victim.GetAsync($"/api/audit/{entryId}")).Status);

        foreach (var id in ids)
            (await intruder.GetAsync($"/api/audit/{id}")).Problem(404);

        var seen = new StringBuilder();
        foreach (var query in (string[])["", $"&user_id={victim.UserId}", "&event_type=chat.completed", $"&cursor={long.MaxValue}", "&from=2000-01-01&to=2999-01-01"])
            seen.Append((await intruder.GetAsync($"/api/audit?limit=500{query}")).Text);
        seen.Append((await intruder.GetAsync("/api/audit/export")).Text).Append((await intruder.GetAsync("/api/audit/export?format=csv")).Text);
        seen.Append((await intruder.PostAsync("/api/audit/verify")).Text);
        foreach (var secret in (string[])[.. ids, victim.OrganizationId.ToString(), victim.UserId.ToString(), "Invisible Works"])
            Assert.DoesNotContain(secret, seen.ToString(), StringComparison.Ordinal);

        // Nobody's look left a mark, and the victim itself still sees everything.
        Assert.Equal(ids.Count + 1, (await victim.ReadLogAsync()).Count);
        await victim.AssertLogIsCleanAsync();
        await intruder.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Every_route_answers_404_to_another_organizations_ids_and_changes_nothing()
    {
        var victim = await Api.RegisterAsync(shared.Server);
        var intruder = await Api.RegisterAsync(shared.Server);
        var member = await victim.AddUserAsync(shared.Server, "member");
        var key = (await victim.PostAsync("/api/api-keys", """{"name":"theirs"}""")).Json.GetProperty("id").GetGuid();
        var turn = await victim.ChatAsync("How long must providers keep logs?");
        var conversation = turn.Frame("start").GetProperty("conversation_id").GetGuid();
        var entry = turn.Frame("audit").GetProperty("id").GetGuid();
        var document = (await victim.UploadAndWaitAsync("theirs.txt", "Nobody else reads this.")).GetProperty("id").GetGuid();
        var before = await RowsOfAsync(victim.OrganizationId);

        var wrong = new List<string>();
        foreach (var route in KnownRoute.Table.Where(static route => route.HasId))
        {
            foreach (var id in (Guid[])[victim.OrganizationId, victim.UserId, member.UserId, key, conversation, entry, document])
            {
                var answer = await intruder.SendAsync(new HttpMethod(route.Method), route.Path(id), route.Body);
                if (answer.Status != HttpStatusCode.NotFound || answer.MediaType != route.ErrorMediaType)
                    wrong.Add($"{route.Method} {route.Template}: {(int)answer.Status}");
            }
        }

        Assert.Empty(wrong);
        (await intruder.PostAsync("/api/chat", $$"""{"message":"Go on.","conversation_id":"{{conversation}}"}""")).Problem(404);
        Assert.Equal(before, await RowsOfAsync(victim.OrganizationId));
        await victim.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task No_list_shows_another_organizations_rows_and_no_cursor_reaches_them()
    {
        var victim = await Api.RegisterAsync(shared.Server, "Unlisted Works");
        var intruder = await Api.RegisterAsync(shared.Server);
        var key = (await victim.PostAsync("/api/api-keys", """{"name":"theirs"}""")).Json.Text("id")!;
        var turn = await victim.ChatAsync("How long must providers keep logs?");
        var conversation = turn.Frame("start").Text("conversation_id")!;
        var document = (await victim.UploadAndWaitAsync("unlisted.txt", "Nobody else reads this.")).Text("id");
        string[] secrets =
            [victim.OrganizationId.ToString(), victim.UserId.ToString(), victim.Email, key, conversation, turn.Frame("audit").Text("id")!, "Unlisted Works", document, "unlisted.txt"];

        foreach (var route in KnownRoute.Table.Where(static route => route.Method == "GET" && !route.HasId))
        {
            foreach (var query in (string[])["", $"?cursor={victim.UserId}", $"?cursor={conversation}", $"?cursor={document}", $"?user_id={victim.UserId}", $"?organization_id={victim.OrganizationId}"])
            {
                var text = (await intruder.GetAsync(route.Template + query)).Text;
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_colleagues_conversation_is_as_hidden_as_a_strangers()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var conversation = (await member.ChatAsync("How long must providers keep logs?")).Frame("start").Text("conversation_id");

        (await admin.GetAsync($"/api/conversations/{conversation}")).Problem(404);
        (await admin.DeleteAsync($"/api/conversations/{conversation}")).Problem(404);
        (await admin.PostAsync("/api/chat", $$"""{"message":"Go on.","conversation_id":"{{conversation}}"}""")).Problem(404);
        Assert.Equal(HttpStatusCode.OK, (await member.GetAsync($"/api/conversations/{conversation}")).Status);
    }

    /// <summary>Every row of an organization in every table that has an <c>organization_id</c>, as text.</summary>
    private async Task<string> RowsOfAsync(Guid organization)
    {
        var tables = await shared.Server.Database.ScalarAsync<string>("""
            SELECT string_agg(table_name, ',' ORDER BY table_name) FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organization_id'
            """);
        var rows = new StringBuilder(await shared.Server.Database.ScalarAsync<string>($"SELECT organizations::text FROM organizations WHERE id = '{organization}'"));
        foreach (var table in tables!.Split(','))
            rows.Append('\n').Append(table).Append(await shared.Server.Database.ScalarAsync<string>($"SELECT string_agg(one::text, E'\\n' ORDER BY one::text) FROM {table} AS one WHERE organization_id = '{organization}'"));
        return rows.ToString();
    }
}
