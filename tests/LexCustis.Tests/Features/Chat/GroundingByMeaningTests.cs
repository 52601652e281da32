using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Chat;

/// <summary>
/// Answers that a tiny model of the real architecture compares with their sources while they stream; and that no turn fails or waits
/// where it can't.
/// </summary>
public sealed class GroundingByMeaningTests
{
    private const string Lease = "The notice period of the lease is nine weeks.";

    // No word of any source, so that by words it is supported by nothing.
    private const string Wordless = "Zwergpinguine watscheln gemächlich.";

    private const string Question = "What is the notice period of the lease?";

    // Ample: what is tested is what happens, not how fast this machine is.
    private static readonly Dictionary<string, string> Patient = new() { ["LEXCUSTIS_GROUNDING_WAIT_MS"] = "60000" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_streamed_answer_is_judged_by_the_cosines_of_its_statements_and_sources(bool withQdrant)
    {
        using var model = new TinyModel();
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(model, withQdrant ? new(Patient) { ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url } : Patient);
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        upstream.Otherwise = Reply.Tokens(
            "Well. ", "The notice ", "period of ", "the lease is nine", " weeks", ". Zwerg", "pinguine watscheln gemächlich. That is ",
            "what was agreed on.");

        var turn = await admin.ChatAsync(Question);

        var sources = SourcesOf(turn);
        Assert.Contains(sources, static source => !source.Shared);
        Assert.Contains(sources, static source => source.Shared);
        var statements = Grounding.Statements(turn.Answer).ConvertAll(statement => turn.Answer[statement.Start..statement.End]);
        var cosines = statements.Select(statement => sources.Select(source => (double?)model.Cosine(statement, TextOf(source))).ToArray());
        AssertReport(Grounding.Assess(turn.Answer, sources, [.. cosines]), turn);
        var grounding = turn.Frame("compliance").GetProperty("grounding");
        Assert.Equal(statements.Count, grounding.GetProperty("compared_by_meaning").GetInt32());
        var sentences = grounding.GetProperty("sentences").EnumerateArray().ToList();
        Assert.Equal(1, sentences[statements.IndexOf(Lease)].GetProperty("cosine").GetDouble(), 1e-3);
        Assert.True(sentences[statements.IndexOf(Wordless)].GetProperty("score").GetDouble() > 0);
        Assert.Equal(0, Grounding.Assess(turn.Answer, sources).Sentences[statements.IndexOf(Wordless)].Score);
        var entry = await admin.ReadEntryAsync(turn);
        Assert.Equal(statements.Count, entry.GetProperty("data").GetProperty("compared_by_meaning").GetInt32());
        var reasons = turn.Frame("compliance").GetProperty("confidence").GetProperty("reasons").EnumerateArray();
        var said = $"Grounding: {statements.Count} of {statements.Count} sentences were compared by meaning, too.";
        Assert.Contains(said, reasons.Select(static reason => reason.GetString()));
        Assert.Empty(qdrant.Unfiltered);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_source_without_a_vector_is_compared_by_words_and_the_others_by_meaning()
    {
        using var model = new TinyModel();
        await using var words = await LexCustisServer.StartAsync();
        await using var upstream = await ScriptedUpstream.StartAsync();
        var earlier = await PrepareAsync(words, upstream);
        // Nobody indexes, so the document stays without vectors.
        await using var server = await StartAsync(model, new(Patient) { ["LEXCUSTIS_DOCUMENT_WORKERS"] = "0" }, words.Database);
        var admin = await Api.LoginAsync(server, earlier.Email, earlier.Password);
        upstream.Otherwise = Reply.Tokens(Lease, " ", Wordless);

        var turn = await admin.ChatAsync(Question);

        var sources = SourcesOf(turn);
        var own = Assert.Single(sources, static source => !source.Shared);
        double?[] Row(string statement) =>
            [.. sources.Select(source => source == own ? (double?)null : model.Cosine(statement, TextOf(source)))];
        AssertReport(Grounding.Assess(turn.Answer, sources, [Row(Lease), Row(Wordless)]), turn);
        Assert.Equal(own.Id, turn.Frame("compliance").GetProperty("grounding").GetProperty("sentences")[0].Text("source"));
    }

    [Fact]
    public async Task OpenAIs_API_has_it_and_quotations_and_answers_without_sources_do_without()
    {
        using var model = new TinyModel();
        await using var server = await StartAsync(model, Patient);
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        upstream.Otherwise = Reply.Tokens(Wordless);
        var key = await admin.PostAsync("/api/api-keys", """{"name":"program","role":"member"}""");
        var program = new Api(server.Http, key.Json.Text("key"));

        foreach (var stream in new[] { "true", "false" })
        {
            var answer = await program.PostAsync("/v1/chat/completions",
                $$"""{"stream":{{stream}},"messages":[{"role":"user","content":"{{Question}}"}]}""");
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            Assert.Contains("\"compared_by_meaning\":1", answer.Text, StringComparison.Ordinal);
        }

        var unsourced = await admin.ChatAsync(Question, ""","use_documents":false""");
        Assert.DoesNotContain("compared_by_meaning", unsourced.Text, StringComparison.Ordinal);
        await admin.PatchAsync("/api/organization", """{"provider":"extractive"}""");
        var quoted = await admin.ChatAsync(Question);
        Assert.Contains("nine weeks", quoted.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("compared_by_meaning", quoted.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_never_gives_the_vectors_holds_up_no_token_and_no_frame()
    {
        using var model = new TinyModel();
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(model, new() { ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url });
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        using var gate = new SemaphoreSlim(0);
        string[] tokens = [Lease, " ", Wordless, " That", " is all."];
        upstream.Otherwise = Reply.Gated(gate, tokens);
        qdrant.Ignores = IsReadOfVectors;

        using var turn = await LiveTurn.OpenAsync(admin, Question);
        await turn.NextAsync("start");
        var sources = SourcesOf(await turn.NextAsync("sources"));
        foreach (var token in tokens)
        {
            // The upstream holds the next token back until this one was read here.
            gate.Release();
            Assert.Equal(token, (await turn.NextAsync("token")).Text("text"));
        }

        var rest = await turn.RestAsync();
        Assert.Equal(["compliance", "audit"], rest.Order.Take(2));
        Assert.True(rest.Done);
        AssertReport(Grounding.Assess(string.Concat(tokens), sources), rest);
        Assert.Equal("completed", (await admin.WaitForTurnAsync()).Outcome());
        await AssertNothingIsAskedAsync(server, admin, qdrant);
    }

    [Fact]
    public async Task A_store_that_fails_is_told_in_the_servers_log_and_the_turn_is_whole()
    {
        using var model = new TinyModel();
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(model, new(Patient) { ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url });
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        using var gate = new SemaphoreSlim(0);
        upstream.Otherwise = Reply.Gated(gate, Lease, " And", " that is all.");
        qdrant.Ignores = IsReadOfVectors;

        using var turn = await LiveTurn.OpenAsync(admin, Question);
        await turn.NextAsync("start");
        var sources = SourcesOf(await turn.NextAsync("sources"));
        await Waiting.ForAsync(() => Task.FromResult(qdrant.Waiting > 0 ? "asked" : null), "the question for the vectors");
        qdrant.RefuseIgnored();
        gate.Release(3);

        var rest = await turn.RestAsync();
        Assert.True(rest.Done);
        AssertReport(Grounding.Assess(rest.Answer, sources), rest);
        await server.WaitForLogAsync("by words alone: Qdrant");
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_client_that_leaves_leaves_no_request_behind()
    {
        using var model = new TinyModel();
        await using var qdrant = await QdrantStandIn.StartAsync();
        await using var server = await StartAsync(model, new(Patient) { ["LEXCUSTIS_QDRANT_URL"] = qdrant.Url });
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        upstream.Otherwise = Reply.HangAfter(Lease, " And");
        qdrant.Ignores = IsReadOfVectors;

        using var turn = await LiveTurn.OpenAsync(admin, Question);
        foreach (var type in new[] { "start", "sources", "token", "token" })
            await turn.NextAsync(type);
        await Waiting.ForAsync(() => Task.FromResult(qdrant.Waiting > 0 ? "asked" : null), "the question for the vectors");
        await turn.LeaveAsync();

        Assert.Equal("stopped", (await admin.WaitForTurnAsync()).Outcome());
        await AssertNothingIsAskedAsync(server, admin, qdrant);
    }

    /// <summary>With one place to embed in, a search tells whether it is taken.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_of_the_model_ends_with_its_turn_whether_the_client_leaves_or_stays(bool leaves)
    {
        using var model = new TinyModel(endlessBeyond: 1_000);
        var endless = string.Concat(Enumerable.Repeat("x7 q9 ", 300)) + "without an end.";
        Assert.InRange(model.CountTokens(endless), 1_001, int.MaxValue);
        await using var server = await StartAsync(model, new()
        {
            ["LEXCUSTIS_EMBEDDINGS_CONCURRENCY"] = "1",
            ["LEXCUSTIS_RETRIEVAL_TIMEOUT"] = "1s",
        });
        await using var upstream = await ScriptedUpstream.StartAsync();
        var admin = await PrepareAsync(server, upstream);
        using var gate = new SemaphoreSlim(2);
        upstream.Otherwise = Reply.Gated(gate, endless + " And", " then", " all the rest.");

        using var turn = await LiveTurn.OpenAsync(admin, Question);
        foreach (var type in new[] { "start", "sources", "token", "token" })
            await turn.NextAsync(type);
        await WaitForSearchAsync(admin, degraded: true);
        if (leaves)
        {
            await turn.LeaveAsync();
            Assert.Equal("stopped", (await admin.WaitForTurnAsync()).Outcome());
        }
        else
        {
            gate.Release();
            var rest = await turn.RestAsync();
            Assert.Equal(["token", "compliance", "audit"], rest.Order.Take(3));
            Assert.False(rest.Frame("compliance").GetProperty("grounding").TryGetProperty("compared_by_meaning", out _));
        }

        await WaitForSearchAsync(admin, degraded: false);
        await admin.AssertLogIsCleanAsync();
    }

    private static bool IsReadOfVectors(string request, JsonObject body) => request == "POST points/scroll" && (bool)body["with_vector"]!;

    /// <summary>The question for the vectors was given up with the turn, not because its own time was up: the log would tell.</summary>
    private static async Task AssertNothingIsAskedAsync(LexCustisServer server, Api admin, QdrantStandIn qdrant)
    {
        Assert.True(qdrant.Ignored > 0);
        await Waiting.ForAsync(() => Task.FromResult(qdrant.Waiting == 0 ? "none" : null), "the end of the question for the vectors");
        await admin.AssertLogIsCleanAsync();
        Assert.DoesNotContain("by words alone", server.Process.Log, StringComparison.Ordinal);
    }

    private static Task<string> WaitForSearchAsync(Api caller, bool degraded) => Waiting.ForAsync(
        async () =>
        {
            var answer = await caller.PostAsync("/api/search", $$"""{"query":"{{Question}}"}""");
            return answer.Json.TryGetProperty("degraded", out _) == degraded ? "so" : null;
        },
        degraded ? "the model's only place to be taken" : "the model's only place to be free");

    /// <summary>An organization with a document and that model.</summary>
    private static async Task<Api> PrepareAsync(LexCustisServer server, ScriptedUpstream upstream)
    {
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(upstream);
        Assert.Equal("ready", (await admin.UploadAndWaitAsync("lease.txt", Lease)).Text("status"));
        return admin;
    }

    /// <summary>A server with the model, once its knowledge base has vectors.</summary>
    private static async Task<LexCustisServer> StartAsync(
        TinyModel model, Dictionary<string, string> settings, TestDatabase? database = null)
    {
        var server = await LexCustisServer.StartAsync(new(settings) { ["LEXCUSTIS_EMBEDDINGS_DIR"] = model.Folder }, database);
        await server.WaitForLogAsync("The knowledge base has its vectors");
        return server;
    }

    private static List<Passage> SourcesOf(ChatAnswer turn) => SourcesOf(turn.Frame("sources"));

    private static List<Passage> SourcesOf(JsonElement frame) =>
    [
        .. frame.GetProperty("items").EnumerateArray().Select(static item => new Passage(
            item.Text("id"), item.Text("document"), item.Text("title"), item.Text("heading"), item.GetProperty("position").GetInt32(),
            item.Text("text"), item.GetProperty("score").GetDouble(), item.GetProperty("shared").GetBoolean())),
    ];

    /// <summary>What stands for a source when it is embedded.</summary>
    private static string TextOf(Passage source) =>
        string.Join('\n', new[] { source.Shared ? source.Title : "", source.Heading, source.Text }.Where(static line => line.Length > 0));

    /// <summary>To four digits, of which the last may be rounded otherwise.</summary>
    private static void AssertReport(GroundingReport expected, ChatAnswer turn)
    {
        var grounding = turn.Frame("compliance").GetProperty("grounding");
        Assert.Equal(expected.Score, grounding.GetProperty("score").GetDouble(), 2e-4);
        Assert.Equal(
            expected.ComparedByMeaning, grounding.TryGetProperty("compared_by_meaning", out var compared) ? compared.GetInt32() : null);
        var sentences = grounding.GetProperty("sentences").EnumerateArray().ToList();
        Assert.Equal(expected.Sentences.Count, sentences.Count);
        foreach (var (wanted, found) in expected.Sentences.Zip(sentences))
        {
            Assert.Equal((wanted.Start, wanted.End), (found.GetProperty("start").GetInt32(), found.GetProperty("end").GetInt32()));
            Assert.Equal(wanted.Source, found.GetProperty("source").GetString());
            Assert.Equal(wanted.Score, found.GetProperty("score").GetDouble(), 2e-4);
            Assert.Equal(wanted.Cosine is null, !found.TryGetProperty("cosine", out var cosine));
            if (wanted.Cosine is { } expectedCosine)
                Assert.Equal(expectedCosine, cosine.GetDouble(), 2e-4);
        }
    }
}
