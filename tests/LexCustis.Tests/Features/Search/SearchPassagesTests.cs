using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Search;

public sealed class SearchPassagesTests(SharedServer shared)
{
    [Fact]
    public async Task A_passage_is_found_with_what_is_needed_to_quote_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        const string Text = "The tenant may terminate the lease with a notice period of nine weeks.";
        var document = await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "lease.pdf",
            new StoredPassage("The rent is due on the first of the month.", "Lease › 3 Rent", Page: 2, Start: 900),
            new StoredPassage(Text, "Lease › 7 Termination", Page: 4, Start: 1830));

        var found = (await SearchAsync(admin, "What is the notice period to terminate our lease?"))[0];

        Assert.Equal(["id", "document", "title", "heading", "position", "text", "score", "shared", "page", "start", "end"], found.Names());
        Assert.Equal(document, found.GetProperty("document").GetGuid());
        Assert.Equal("lease.pdf", found.Text("title"));
        Assert.Equal("Lease › 7 Termination", found.Text("heading"));
        Assert.Equal(1, found.GetProperty("position").GetInt32());
        Assert.Equal(Text, found.Text("text"));
        Assert.Equal(4, found.GetProperty("page").GetInt32());
        Assert.Equal((1830, 1830 + Text.Length), (found.GetProperty("start").GetInt32(), found.GetProperty("end").GetInt32()));
        Assert.InRange(found.GetProperty("score").GetDouble(), double.Epsilon, 1);
        Assert.False(found.GetProperty("shared").GetBoolean());
    }

    [Theory]
    [InlineData("german", "Die Kündigungsfrist beträgt acht Wochen zum Quartalsende.", "Wie lang sind die Kündigungsfristen?")]
    [InlineData("french", "Le préavis de résiliation est de sept semaines.", "Quels sont les préavis pour résilier ?")]
    [InlineData("english", "Employees report travelling expenses within ten days.", "When must I report my expense for a travel?")]
    [InlineData("simple", "Lag-tid for oppsigelse er tolv uker.", "oppsigelse lag-tid?")]
    public async Task Words_are_found_in_another_form_in_the_language_of_the_document(string language, string text, string question)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "notice.txt", new StoredPassage(text, Language: language));
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "other.txt", new StoredPassage("Something else altogether, in English.", Language: "english"));

        Assert.Equal(text, (await SearchAsync(admin, question))[0].Text("text"));
    }

    [Fact]
    public async Task Another_organization_finds_nothing_by_the_same_words()
    {
        var (admin, other) = (await Api.RegisterAsync(shared.Server), await Api.RegisterAsync(shared.Server));
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "secret.txt", new StoredPassage("The merger with Quuxcorp closes in May."));
        await Database.AddDocumentAsync(other.OrganizationId, other.UserId, "canteen.txt", new StoredPassage("In May the canteen is closed."));

        Assert.Contains(await SearchAsync(admin, "When does the merger with Quuxcorp close?"), static item => item.Text("title") == "secret.txt");
        Assert.DoesNotContain(await SearchAsync(other, "When does the merger with Quuxcorp close?"), static item => item.Text("text").Contains("Quuxcorp", StringComparison.Ordinal));
        var turn = await other.ChatAsync("When does the merger with Quuxcorp close?");
        Assert.DoesNotContain("Quuxcorp closes", turn.Text, StringComparison.Ordinal);
        await other.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_turn_answers_from_the_document_and_its_entry_keeps_the_source_when_the_document_is_gone()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var document = await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "travel.md",
            new StoredPassage("Trips by train are paid in second class. Flights need the consent of the head of department.", "Travel", Page: 1, Start: 12));

        var turn = await admin.ChatAsync("Which trips need the consent of the head of department?");
        Assert.Contains("Flights need the consent", turn.Answer, StringComparison.Ordinal);
        var source = turn.Frame("sources").GetProperty("items").EnumerateArray().First();
        Assert.Equal(("travel.md", 12), (source.Text("title"), source.GetProperty("start").GetInt32()));

        await Database.ExecuteAsync($"DELETE FROM documents WHERE id = '{document}'");
        Assert.DoesNotContain(await SearchAsync(admin, "consent of the head of department"), static item => item.Text("title") == "travel.md");
        var entry = await admin.ReadEntryAsync(turn);
        Assert.Equal(source.Text("text"), entry.GetProperty("content").GetProperty("sources")[0].Text("text"));
        Assert.Equal(1, entry.GetProperty("content").GetProperty("sources")[0].GetProperty("page").GetInt32());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_deleted_document_leaves_no_word_behind()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var stays = await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "stays.txt", new StoredPassage("Common ground."), new StoredPassage("Common sense."));
        var goes = await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "goes.txt", new StoredPassage("Common knowledge of Xanadu."));
        Assert.Equal(("3", "1"), (await CountAsync("common"), await CountAsync("xanadu")));

        await Database.ExecuteAsync($"DELETE FROM documents WHERE id = '{goes}'");
        Assert.Equal(("2", ""), (await CountAsync("common"), await CountAsync("xanadu")));
        await Database.ExecuteAsync($"DELETE FROM documents WHERE id = '{stays}'");
        Assert.Equal(0, await Database.ScalarAsync<long>($"SELECT count(*) FROM passage_words WHERE organization_id = '{admin.OrganizationId}'"));
        Assert.Equal(0, await Database.ScalarAsync<long>($"SELECT passages FROM passage_statistics WHERE organization_id = '{admin.OrganizationId}'"));

        async Task<string> CountAsync(string word) =>
            await Database.ScalarAsync<string>($"SELECT passages::text FROM passage_words WHERE organization_id = '{admin.OrganizationId}' AND lexeme = '{word}'") ?? "";
    }

    [Fact]
    public async Task A_document_that_failed_is_not_quoted_and_the_same_text_twice_is_one_source()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var failed = await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "failed.txt", new StoredPassage("Zanzibar is far away."));
        await Database.ExecuteAsync($"UPDATE documents SET status = 'failed', reason = 'no', reason_code = 'internal' WHERE id = '{failed}'");
        for (var copy = 0; copy < 3; copy++)
            await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, $"copy{copy}.txt", new StoredPassage("Zanzibar is  an island.\nIt has two."), new StoredPassage("zanzibar is an island. it has two."));

        var own = (await SearchAsync(admin, "Zanzibar")).Where(static item => !item.GetProperty("shared").GetBoolean()).ToList();
        Assert.Equal("zanzibar is an island. it has two.", string.Join(' ', Assert.Single(own).Text("text").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), ignoreCase: true);
    }

    [Theory]
    [InlineData("{}", "query")]
    [InlineData("""{"query":"  "}""", "query")]
    [InlineData("""{"query":7}""", "query")]
    [InlineData("""{"query":"x","limit":0}""", "limit")]
    [InlineData("""{"query":"x","limit":51}""", "limit")]
    [InlineData("""{"query":"x","limit":"10"}""", "limit")]
    public async Task A_request_that_is_not_valid_is_refused_by_name(string json, string field) =>
        (await (await Api.RegisterAsync(shared.Server)).PostAsync("/api/search", json)).ProblemNames(field);

    [Theory]
    [InlineData("'; DROP TABLE documents; --")]
    [InlineData("\\' | & ! <-> :* ( \\\\ ''")]
    [InlineData("the of and is")]
    [InlineData("?!")]
    public async Task Any_text_may_be_asked(string query)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "quotes.txt", new StoredPassage("It's a \\backslash's quote: drop table documents", Language: "simple"));
        var answer = await admin.PostAsync("/api/search", $$"""{"query":{{Api.Quote(query)}},"limit":50}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(!answer.Json.TryGetProperty("degraded", out _), answer.Text + shared.Server.Process.Log);
    }

    [Fact]
    public async Task A_query_of_ten_thousand_words_is_answered()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "needle.txt", new StoredPassage("The needle is in the haystack."));
        var query = string.Concat(Enumerable.Range(0, 1_600).Select(static i => $"w{i:D5} "))[..9_900] + " where is the needle?";
        Assert.Equal("needle.txt", (await SearchAsync(admin, query))[0].Text("title"));
    }

    [Fact]
    public async Task The_limit_is_kept()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await Database.AddDocumentAsync(admin.OrganizationId, admin.UserId, "many.txt", [.. Enumerable.Range(0, 60).Select(static i => new StoredPassage($"Rule number {i} of the pelican."))]);
        Assert.Equal(10, (await SearchAsync(admin, "rules of the pelican")).Count);
        Assert.Equal(50, (await SearchAsync(admin, "rules of the pelican", ""","limit":50""")).Count);
        Assert.Single(await SearchAsync(admin, "rules of the pelican", ""","limit":1,"a_field_of_tomorrow":{}"""));
    }

    private TestDatabase Database => shared.Server.Database;

    private static async Task<List<JsonElement>> SearchAsync(Api caller, string query, string more = "")
    {
        var answer = await caller.PostAsync("/api/search", $$"""{"query":{{Api.Quote(query)}}{{more}}}""");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }
}
