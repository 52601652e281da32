using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Search;

/// <summary>Documents embedded by a tiny model of the real architecture, in both stores: from upload to answer, and what happens when a piece is away.</summary>
public sealed class DenseRetrievalTests : IDisposable
{
    // No words for PostgreSQL's English: what finds this passage is its vector.
    private const string Wordless = "What is it, and who are they?";

    private readonly TinyModel model = new();

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_passage_without_a_word_to_look_up_is_found_by_its_vector_and_by_its_own_organization_alone(bool withQdrant)
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(withQdrant ? qdrant : null);
        var (admin, other) = (await Api.RegisterAsync(server), await Api.RegisterAsync(server));
        var document = await admin.UploadAndWaitAsync("riddle.txt", Wordless);
        Assert.Equal("ready", document.Text("status"));
        await other.UploadAndWaitAsync("other.txt", "Nothing of the sort stands here.");

        var found = (await SearchAsync(admin, Wordless)).EnumerateArray().First();
        Assert.Equal((document.Text("id"), Wordless), (found.Text("document"), found.Text("text")));
        Assert.DoesNotContain((await SearchAsync(other, Wordless)).EnumerateArray(), static item => item.Text("text") == Wordless);

        if (withQdrant)
        {
            Assert.All(qdrant.PointsOf($"org_{admin.OrganizationId}_documents"), point => Assert.Equal(admin.OrganizationId.ToString(), (string?)point.Payload["org_id"]));
            Assert.NotEmpty(qdrant.PointsOf("lexcustis_knowledge_base"));
            Assert.Empty(qdrant.Unfiltered);
            Assert.True(qdrant.FilteredRequests > 0);
            Assert.Equal(0, await server.Database.ScalarAsync<long>("SELECT count(*) FROM passage_vectors"));
        }
        else
        {
            await AssertWalledAsync(server, admin, other);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/documents/{document.Text("id")}")).Status);
        Assert.DoesNotContain((await SearchAsync(admin, Wordless)).EnumerateArray(), static item => item.Text("text") == Wordless);
        Assert.Equal(0, await server.Database.ScalarAsync<long>($"SELECT count(*) FROM passage_vectors WHERE organization_id = '{admin.OrganizationId}'"));
        await Waiting.ForAsync(() => Task.FromResult(qdrant.PointsOf($"org_{admin.OrganizationId}_documents").Count == 0 ? "swept" : null), "the vectors of the deleted document to be swept");
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_store_that_is_down_or_slow_fails_no_turn_and_both_the_frame_and_the_entry_say_so()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(qdrant, ("LEXCUSTIS_RETRIEVAL_TIMEOUT", "1s"));
        var admin = await Api.RegisterAsync(server);
        await admin.UploadAndWaitAsync("lease.txt", "The notice period of the lease is nine weeks.");

        Assert.False((await admin.ChatAsync("What is the notice period of the lease?")).Frame("sources").TryGetProperty("degraded", out _));
        qdrant.IsDown = true;
        await AssertDegradedAsync();
        (qdrant.IsDown, qdrant.Delay) = (false, TimeSpan.FromMinutes(5));
        await AssertDegradedAsync();
        await admin.AssertLogIsCleanAsync();

        async Task AssertDegradedAsync()
        {
            var turn = await admin.ChatAsync("What is the notice period of the lease?");
            Assert.Contains("nine weeks", turn.Answer, StringComparison.Ordinal);
            var degraded = Assert.Single(turn.Frame("sources").GetProperty("degraded").EnumerateArray());
            Assert.Equal(["reason", "message"], degraded.Names());
            Assert.Equal("vector_store", degraded.Text("reason"));
            Assert.Equal(["vector_store"], (await admin.ReadEntryAsync(turn)).GetProperty("data").GetProperty("degraded").EnumerateArray().Select(static reason => reason.GetString()));
        }
    }

    [Fact]
    public async Task Vectors_of_a_deleted_document_are_swept_once_the_store_is_back()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(qdrant);
        var admin = await Api.RegisterAsync(server);
        var document = await admin.UploadAndWaitAsync("riddle.txt", Wordless);
        var collection = $"org_{admin.OrganizationId}_documents";
        Assert.Single(qdrant.PointsOf(collection));

        qdrant.IsDown = true;
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/documents/{document.Text("id")}")).Status);
        Assert.Equal(1, await server.Database.ScalarAsync<long>("SELECT count(*) FROM vector_removals WHERE NOT swept"));
        await server.Process.KillAsync();
        qdrant.IsDown = false;
        Assert.Single(qdrant.PointsOf(collection));

        // Another server, which knows of nothing, finds what the first one left.
        await using var next = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder, ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url }, server.Database);
        await Waiting.ForAsync(() => Task.FromResult(qdrant.PointsOf(collection).Count == 0 ? "swept" : null), "the vectors to be swept");
        Assert.Empty(qdrant.Unfiltered);
    }

    [Fact]
    public async Task Two_servers_see_each_others_documents_at_once()
    {
        await using var one = await StartAsync(null);
        await using var two = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder, ["LEXCUSTIS_DOCUMENT_WORKERS"] = "0" }, one.Database);
        var admin = await Api.RegisterAsync(one);
        var there = await Api.LoginAsync(two, admin.Email, admin.Password);
        string[] riddles = [Wordless, "Who was there, and why so few of them?", "Is it that, or is this it?"];
        foreach (var riddle in riddles)
        {
            var document = await admin.UploadAndWaitAsync("riddle.txt", riddle);
            Assert.Equal(riddle, (await SearchAsync(there, riddle)).EnumerateArray().First().Text("text"));
            if (riddle == riddles[1])
            {
                await admin.DeleteAsync($"/api/documents/{document.Text("id")}");
                Assert.DoesNotContain((await SearchAsync(there, riddle)).EnumerateArray(), item => item.Text("text") == riddle);
            }
        }
    }

    [Fact]
    public async Task Documents_whose_vectors_are_of_another_model_or_store_are_told_until_they_are_indexed_anew()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var first = await StartAsync(null);
        var admin = await Api.RegisterAsync(first);
        await admin.UploadAndWaitAsync("riddle.txt", Wordless);

        // Another store; then another model, whose vectors are longer.
        using var larger = new TinyModel(hidden: 32);
        foreach (var folder in new[] { model.Folder, larger.Folder })
        {
            await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = folder, ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url }, first.Database);
            var there = await Api.LoginAsync(server, admin.Email, admin.Password);
            var before = await there.PostAsync("/api/search", $$"""{"query":"{{Wordless}}"}""");
            Assert.Equal("vectors_missing", Assert.Single(before.Json.GetProperty("degraded").EnumerateArray()).Text("reason"));

            var (exit, output, error) = await Binary.RunAsync(["reindex", "--organization", admin.OrganizationId.ToString()], server.Environment);
            Assert.True(exit == 0, error);
            Assert.Equal($"{admin.OrganizationId}  1 documents, 1 passages\n", output);
            var after = await there.PostAsync("/api/search", $$"""{"query":"{{Wordless}}"}""");
            Assert.False(after.Json.TryGetProperty("degraded", out _), after.Text);
            Assert.Equal(Wordless, after.Json.GetProperty("items")[0].Text("text"));
        }

        Assert.Empty(qdrant.Unfiltered);
    }

    [Fact]
    public async Task Documents_from_before_there_was_a_model_get_their_vectors_by_themselves()
    {
        await using var words = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(words);
        var document = await admin.UploadAndWaitAsync("riddle.txt", Wordless);
        Assert.Equal(2, words.Process.Log.Split("LEXCUSTIS_EMBEDDINGS_DIR is not set").Length); // said once
        Assert.Equal(JsonValueKind.Null, document.GetProperty("degraded").ValueKind);

        // Two servers with a model: one of them makes them, once.
        await using var one = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder }, words.Database);
        await using var two = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder }, words.Database);
        await WaitForVectorsAsync(words, admin, document.Text("id"));
        foreach (var server in (LexCustisServer[])[one, two])
            Assert.Equal(Wordless, (await SearchAsync(await Api.LoginAsync(server, admin.Email, admin.Password), Wordless)).EnumerateArray().First().Text("text"));
        Assert.Equal(1, await words.Database.ScalarAsync<long>($"SELECT count(*) FROM passage_vectors WHERE organization_id = '{admin.OrganizationId}'"));
        Assert.Single(new[] { one, two }, static server => server.Process.Log.Contains("The missing vectors of document", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_leaves_indexing_to_others_leaves_them_the_missing_vectors_too()
    {
        await using var words = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(words);
        await admin.UploadAndWaitAsync("riddle.txt", Wordless);
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder, ["LEXCUSTIS_DOCUMENT_WORKERS"] = "0" }, words.Database);

        // It embeds the knowledge base's hundreds of passages meanwhile.
        await WaitForKnowledgeBaseAsync(server);
        Assert.Equal(0, await server.Database.ScalarAsync<long>("SELECT count(*) FROM document_vectors"));
        Assert.Equal(0, await server.Database.ScalarAsync<long>("SELECT count(*) FROM missing_vectors"));
    }

    [Fact]
    public async Task New_pages_of_the_knowledge_base_replace_those_of_an_older_binary_and_so_do_their_vectors()
    {
        await using var older = await LexCustisServer.StartAsync();
        await older.Database.ExecuteAsync("""
            UPDATE knowledge_base_passages SET content = 'As an older binary had it.' WHERE id = (SELECT min(id) FROM knowledge_base_passages);
            INSERT INTO knowledge_base_passages (id, page, title, heading, position, content) VALUES ('kb/gone#0', 'kb/gone', 'Gone', '', 0, 'A page that is no more.');
            """);
        var settings = new Dictionary<string, string> { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder };
        await using (var before = await LexCustisServer.StartAsync(settings, older.Database))
            await WaitForKnowledgeBaseAsync(before);

        var owner = new Dictionary<string, string> { ["LEXCUSTIS_MIGRATION_DATABASE_URL"] = older.Database.OwnerUrl };
        var (exit, output, error) = await Binary.RunAsync(["migrate"], owner);
        Assert.True(exit == 0, error);
        Assert.Contains("knowledge base: ", output, StringComparison.Ordinal);
        Assert.Equal(0, await older.Database.ScalarAsync<long>("SELECT count(*) FROM knowledge_base_passages WHERE page = 'kb/gone' OR content = 'As an older binary had it.'"));
        await using var after = await LexCustisServer.StartAsync(settings, older.Database);
        await WaitForKnowledgeBaseAsync(after);
        Assert.DoesNotContain("knowledge base: ", (await Binary.RunAsync(["migrate"], owner)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_one_collection_for_all_each_organization_finds_its_own()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(qdrant, ("QDRANT_TENANCY", "shared"));
        var (admin, other) = (await Api.RegisterAsync(server), await Api.RegisterAsync(server));
        await admin.UploadAndWaitAsync("riddle.txt", Wordless);
        await other.UploadAndWaitAsync("other.txt", "Nothing of the sort stands here.");

        Assert.Equal(Wordless, (await SearchAsync(admin, Wordless)).EnumerateArray().First().Text("text"));
        Assert.DoesNotContain((await SearchAsync(other, Wordless)).EnumerateArray(), static item => item.Text("text") == Wordless);
        Assert.Equal(
            new[] { admin.OrganizationId.ToString(), other.OrganizationId.ToString() }.Order(StringComparer.Ordinal),
            qdrant.PointsOf("lexcustis_documents").Select(static point => (string?)point.Payload["org_id"]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(qdrant.Collections, static name => name.StartsWith("org_", StringComparison.Ordinal));
        Assert.Empty(qdrant.Unfiltered);
    }

    [Fact]
    public async Task A_document_that_comes_while_the_store_is_away_is_found_by_its_words_and_later_by_its_meaning()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(qdrant);
        var admin = await Api.RegisterAsync(server);
        var whole = await admin.UploadAndWaitAsync("whole.txt", "Nothing was away when this came.");
        Assert.Equal(JsonValueKind.Null, whole.GetProperty("degraded").ValueKind);

        qdrant.IsDown = true;
        var riddle = await admin.UploadAndWaitAsync("riddle.txt", $"{Wordless} The notice period of the lease is nine weeks.");
        var other = await admin.UploadAndWaitAsync("other.txt", "The deposit is three rents.");
        foreach (var document in (JsonElement[])[riddle, other])
        {
            Assert.Equal("ready", document.Text("status"));
            Assert.Equal("vector_store", document.GetProperty("degraded").Text("reason"));
        }

        Assert.Contains("nine weeks", (await admin.ChatAsync("What is the notice period of the lease?")).Answer, StringComparison.Ordinal);
        await server.Process.KillAsync();

        // The next server finds one that is due; that the other is due as well it learns when something could be written.
        qdrant.IsDown = false;
        await MakeDueAsync(riddle);
        await using var next = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder, ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url }, server.Database);
        var there = await Api.LoginAsync(next, admin.Email, admin.Password);
        await WaitForVectorsAsync(next, there, riddle.Text("id"));
        Assert.Equal("vector_store", (await there.GetAsync($"/api/documents/{other.Text("id")}")).Json.GetProperty("degraded").Text("reason"));
        await MakeDueAsync(other);
        await there.UploadAndWaitAsync("more.txt", "The store is back.");
        await WaitForVectorsAsync(next, there, other.Text("id"));
        Assert.Equal(4, qdrant.PointsOf($"org_{admin.OrganizationId}_documents").Count);
        Assert.NotEmpty((await SearchAsync(there, Wordless)).EnumerateArray());
        Assert.Empty(qdrant.Unfiltered);
        await there.AssertLogIsCleanAsync();

        Task MakeDueAsync(JsonElement document) => server.Database.ExecuteAsync($"UPDATE missing_vectors SET due_at = now() WHERE document_id = '{document.Text("id")}'");
    }

    [Fact]
    public async Task A_server_that_was_silent_for_too_long_leaves_the_next_attempt_to_the_one_that_took_over()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(qdrant);
        var admin = await Api.RegisterAsync(server);
        qdrant.IsDown = true;
        var riddle = (await admin.UploadAndWaitAsync("riddle.txt", Wordless)).Text("id");
        await server.Process.KillAsync();

        qdrant.IsDown = false;
        qdrant.Ignores = (_, body) => body.ToJsonString().Contains(riddle, StringComparison.Ordinal);
        await server.Database.ExecuteAsync("UPDATE missing_vectors SET due_at = now()");
        await using var silent = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder, ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url }, server.Database);
        await Waiting.ForAsync(() => Task.FromResult(qdrant.Waiting > 0 ? "waits" : null), "the store to be asked");
        // As the other server does it once the lease has run out.
        await server.Database.ExecuteAsync("UPDATE missing_vectors SET attempts = 7, due_at = 'infinity'");
        qdrant.RefuseIgnored();
        await Waiting.ForAsync(() => Task.FromResult(silent.Process.Log.Contains($"Document {riddle}, whose vectors could not be written, was deleted or taken over", StringComparison.Ordinal) ? "given up" : null), "the silent server to fail");
        Assert.Equal(1, await server.Database.ScalarAsync<long>("SELECT count(*) FROM missing_vectors WHERE attempts = 7 AND due_at = 'infinity'"));
    }

    [Fact]
    public async Task A_model_that_cannot_be_used_leaves_the_search_by_words_and_indexing_whole()
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(model.Folder, "model.onnx"));
        await File.WriteAllBytesAsync(Path.Combine(model.Folder, "model.onnx"), [1, 2, 3]);
        await using var server = await StartAsync(null);
        var admin = await Api.RegisterAsync(server);
        var document = await admin.UploadAndWaitAsync("lease.txt", "The notice period of the lease is nine weeks.");
        Assert.Equal("ready", document.Text("status"));
        Assert.Equal("embedding", document.GetProperty("degraded").Text("reason"));
        var turn = await admin.ChatAsync("What is the notice period of the lease?");
        Assert.Contains("nine weeks", turn.Answer, StringComparison.Ordinal);
        Assert.Equal("embedding", Assert.Single(turn.Frame("sources").GetProperty("degraded").EnumerateArray()).Text("reason"));
        await admin.AssertLogIsCleanAsync();

        // The files are mended and the server is started again.
        await File.WriteAllBytesAsync(Path.Combine(model.Folder, "model.onnx"), bytes);
        await server.Database.ExecuteAsync("UPDATE missing_vectors SET due_at = now()");
        await using var next = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder }, server.Database);
        await WaitForVectorsAsync(next, await Api.LoginAsync(next, admin.Email, admin.Password), document.Text("id"));
    }

    [Fact]
    public async Task Reindexing_wants_a_model_and_a_known_organization()
    {
        await using var server = await StartAsync(null);
        Assert.Equal(2, (await Binary.RunAsync(["reindex", "now"], server.Environment)).ExitCode);
        var (exit, _, error) = await Binary.RunAsync(["reindex", "--organization", Guid.NewGuid().ToString()], server.Environment);
        Assert.Equal(1, exit);
        Assert.Contains("there is no organization", error, StringComparison.Ordinal);
        (exit, _, error) = await Binary.RunAsync(["reindex"], LexCustisServer.DefaultEnvironment(server.Database));
        Assert.Equal(2, exit);
        Assert.Contains("LEXCUSTIS_EMBEDDINGS_DIR", error, StringComparison.Ordinal);
    }

    /// <summary>Until each passage of the knowledge base has its vector, and nothing else has one.</summary>
    private static Task<string> WaitForKnowledgeBaseAsync(LexCustisServer server) => Waiting.ForAsync(async () => await server.Database.ScalarAsync<bool>("""
        SELECT NOT EXISTS (SELECT FROM knowledge_base_passages AS passage FULL JOIN knowledge_base_vectors AS vector ON vector.id = passage.vector_id
                           WHERE passage.id IS NULL OR vector.id IS NULL)
        """) ? "written" : null, "the knowledge base's vectors");

    /// <summary>Until the document is found by its meaning too.</summary>
    private static async Task WaitForVectorsAsync(LexCustisServer server, Api caller, string document)
    {
        await Waiting.ForAsync(async () => await server.Database.ScalarAsync<long>($"SELECT count(*) FROM document_vectors WHERE document_id = '{document}'") == 1 ? "written" : null,
            $"the vectors of document {document}");
        var shown = (await caller.GetAsync($"/api/documents/{document}")).Json;
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("degraded").ValueKind);
    }

    /// <summary>Raw SQL under the application's role, entered into one organization: the other's vectors and words are not there.</summary>
    private static async Task AssertWalledAsync(LexCustisServer server, Api admin, Api other)
    {
        await TestDatabase.ExecuteAsync(server.Database.ConnectionString(server.Database.ApplicationUrl), $"""
            DO $$ BEGIN
                PERFORM set_config('app.organization_id', '{other.OrganizationId}', true);
                ASSERT (SELECT count(*) FROM passage_vectors) > 0;
                ASSERT (SELECT count(*) FROM passage_vectors WHERE organization_id = '{admin.OrganizationId}') = 0;
                ASSERT (SELECT count(*) FROM document_passages WHERE organization_id = '{admin.OrganizationId}') = 0;
                ASSERT (SELECT count(*) FROM rank_passages('sort | stand', ARRAY['sort'::tsquery], ARRAY[1::real], 100, 100)) = 1;
                PERFORM set_config('app.organization_id', '{admin.OrganizationId}', true);
                ASSERT (SELECT count(*) FROM rank_passages('sort | stand', ARRAY['sort'::tsquery], ARRAY[1::real], 100, 100)) = 0;
                PERFORM set_config('app.organization_id', '', true);
                ASSERT (SELECT count(*) FROM rank_passages('sort | stand', ARRAY['sort'::tsquery], ARRAY[1::real], 100, 100)) = 0;
            END $$
            """);
    }

    private Task<LexCustisServer> StartAsync(QdrantStandIn? qdrant, params (string Name, string Value)[] more)
    {
        var settings = more.ToDictionary(static setting => setting.Name, static setting => setting.Value);
        settings["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder;
        if (qdrant is not null)
            settings["LEXCUSTIS_QDRANT_URL"] = qdrant.Url;
        return LexCustisServer.StartAsync(settings);
    }

    private static async Task<JsonElement> SearchAsync(Api caller, string query)
    {
        var answer = await caller.PostAsync("/api/search", $$"""{"query":{{Api.Quote(query)}}}""");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.False(answer.Json.TryGetProperty("degraded", out _), answer.Text);
        return answer.Json.GetProperty("items");
    }
}
