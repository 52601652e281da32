using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Retrieval.Vectors.Qdrant;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Retrieval.Vectors;

/// <summary>What the client sends, held against Qdrant's own description of its API, and what it makes of answers good and bad.</summary>
public sealed class QdrantVectorStoreTests
{
    private static readonly Guid Organization = Guid.CreateVersion7();
    private static readonly Guid Document = Guid.CreateVersion7();
    private static readonly EmbeddingModelIdentity Model = new("sha256:0123456789abcdef", 4);
    private static readonly VectorSpace Own = new(Organization, Model);
    private static readonly VectorSpace Shared = new(null, Model);

    [Theory]
    [InlineData("collection")]
    [InlineData("shared")]
    public async Task Every_request_is_one_that_Qdrant_describes_and_says_whose_points_it_means(string tenancy)
    {
        using var handler = new Recorder();
        using var store = Make(handler, tenancy == "shared" ? QdrantTenancy.Shared : QdrantTenancy.Collection);
        await SendEverythingAsync(store);

        var verdicts = await CheckAsync(handler.Requests);
        Assert.All(handler.Requests.Zip(verdicts), static pair => Assert.True(pair.Second == "ok", $"{pair.First}: {pair.Second}"));
        // Each of the operations that the store knows was among them.
        Assert.Superset(
            new HashSet<string>(["GET", "PUT", "DELETE", "PUT index", "PUT points", "POST points/delete", "POST points/scroll", "POST points/query"]),
            handler.Requests.Select(static request => $"{request.Method} {string.Join('/', request.Path.Split('?')[0].Split('/').Skip(3))}".TrimEnd()).ToHashSet());
        foreach (var request in handler.Requests.Where(static request => request.Path.Contains("/points", StringComparison.Ordinal)))
        {
            string[] owners = request.Body!["points"] is JsonArray points
                ? [.. points.Select(static point => (string)point!["payload"]!["org_id"]!)]
                : [.. request.Body["filter"]!["must"]!.AsArray().Where(static condition => (string?)condition!["key"] == "org_id").Select(static condition => (string)condition!["match"]!["value"]!)];
            var collection = request.Path.Split('/')[2];
            Assert.Equal([collection == "lexcustis_knowledge_base" ? "shared" : Organization.ToString()], owners.Distinct());
            Assert.Contains(collection, (string[])["lexcustis_knowledge_base", tenancy == "shared" ? "lexcustis_documents" : $"org_{Organization}_documents"]);
        }

        var index = handler.Requests.First(static request => request.Path.Contains("/index", StringComparison.Ordinal) && (string?)request.Body!["field_name"] == "org_id");
        Assert.Equal(tenancy == "shared", (bool?)index.Body!["field_schema"]!["is_tenant"] ?? false);
    }

    [Fact]
    public async Task Qdrants_own_client_sends_the_same_for_the_same()
    {
        using var handler = new Recorder();
        using var store = Make(handler);
        var (point, keep) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await store.UpsertAsync(Own, Document, [new PassageVector(point, [0.5f, -0.5f, 0.5f, 0.25f])], CancellationToken.None);
        await store.ListAsync(Own, Document, CancellationToken.None);
        await store.ReadAsync(Own, [point], CancellationToken.None);
        await store.KeepOnlyAsync(Own, Document, [keep], CancellationToken.None);
        await store.SearchAsync(Own, new float[] { 0.5f, -0.5f, 0.5f, 0.25f }, 50, CancellationToken.None);
        await store.DropAsync(Own, CancellationToken.None);

        var theirs = await RunNodeAsync("qdrant-client-requests.mjs", "", Organization.ToString(), Document.ToString(), point.ToString(), keep.ToString());
        Assert.Equal(9, theirs.Count);
        foreach (var line in theirs.Select(static line => JsonNode.Parse(line)!))
        {
            Assert.Contains(handler.Requests, ours => ours.Method == (string?)line["method"] && ours.Path == (string?)line["path"] && JsonNode.DeepEquals(ours.Body, line["body"]));
        }
    }

    [Fact]
    public async Task Five_broken_requests_are_told_from_good_ones()
    {
        using var handler = new Recorder();
        using var store = Make(handler);
        await SendEverythingAsync(store);
        Recorded Broken(string method, string operation, Action<JsonObject> breakIt)
        {
            var good = handler.Requests.First(request => request.Method == method && request.Path.Split('?')[0].EndsWith(operation, StringComparison.Ordinal) && request.Body is not null);
            var body = good.Body!.DeepClone().AsObject();
            breakIt(body);
            return good with { Body = body };
        }

        var verdicts = await CheckAsync(
        [
            Broken("PUT", "_documents", static body => body["vectors"]!["distance"] = "cosine"),
            Broken("PUT", "/points", static body => body["points"]![0]!.AsObject().Remove("vector")),
            Broken("POST", "/query", static body => { body["filters"] = body["filter"]!.DeepClone(); body.Remove("filter"); }),
            Broken("POST", "/delete", static body => body["filter"]!["must"]![0]!["match"] = "x"),
            Broken("POST", "/scroll", static body => body["limit"] = 0),
        ]);
        Assert.Equal(5, verdicts.Count);
        Assert.DoesNotContain("ok", verdicts);
    }

    [Theory]
    [InlineData(429, 3)]
    [InlineData(500, 3)]
    [InlineData(503, 3)]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(302, 1)]
    public async Task A_search_is_repeated_only_where_that_can_help_and_its_error_repeats_no_text(int status, int attempts)
    {
        using var handler = new Recorder { Answer = _ => new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("secret text of a document") } };
        using var store = Make(handler);
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => store.SearchAsync(Own, new float[4], 5, CancellationToken.None));
        Assert.Equal(attempts, handler.Requests.Count);
        Assert.Contains(status.ToString(), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Making_a_collection_is_not_repeated()
    {
        using var handler = new Recorder();
        handler.Answer = request => request.Method == HttpMethod.Put && !request.RequestUri!.AbsolutePath.Contains("/points", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
            : new HttpResponseMessage(HttpStatusCode.NotFound);
        using var store = Make(handler);
        await Assert.ThrowsAsync<VectorStoreException>(() => store.UpsertAsync(Own, Document, [Vector()], CancellationToken.None));
        Assert.Single(handler.Requests, static request => request.Method == "PUT");
    }

    [Fact]
    public async Task What_was_never_written_is_empty_and_not_an_error()
    {
        using var handler = new Recorder { Answer = static _ => new HttpResponseMessage(HttpStatusCode.NotFound) };
        using var store = Make(handler);
        Assert.Empty(await store.SearchAsync(Own, new float[4], 5, CancellationToken.None));
        Assert.Empty(await store.ListAsync(Own, Document, CancellationToken.None));
        Assert.Empty(await store.ReadAsync(Own, [Document], CancellationToken.None));
        await store.KeepOnlyAsync(Own, Document, [], CancellationToken.None);
        await store.DropAsync(Own, CancellationToken.None);
    }

    [Fact]
    public async Task An_answer_with_another_organizations_point_is_thrown_away()
    {
        using var handler = new Recorder { Answer = static _ => Json($$$"""{"result":{"points":[{"id":"{{{Document}}}","version":1,"score":1,"payload":{"org_id":"{{{Document}}}"}}]}}""") };
        using var store = Make(handler);
        await Assert.ThrowsAsync<VectorStoreException>(() => store.SearchAsync(Own, new float[4], 5, CancellationToken.None));
        await Assert.ThrowsAsync<VectorStoreException>(() => store.ReadAsync(Own, [Document], CancellationToken.None));
    }

    [Fact]
    public async Task A_point_without_its_vector_is_left_out()
    {
        var point = new JsonObject { ["id"] = Document, ["vector"] = null, ["payload"] = new JsonObject { ["org_id"] = Organization } };
        using var handler = new Recorder { Answer = _ => Json($$$"""{"result":{"points":[{{{point.ToJsonString()}}}]}}""") };
        using var store = Make(handler);
        Assert.Empty(await store.ReadAsync(Own, [Document], CancellationToken.None));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task What_is_not_Qdrant_is_told(string body)
    {
        using var handler = new Recorder { Answer = _ => Json(body) };
        using var store = Make(handler);
        await Assert.ThrowsAsync<VectorStoreException>(() => store.SearchAsync(Own, new float[4], 5, CancellationToken.None));
    }

    [Fact]
    public async Task A_collection_of_another_length_of_vectors_says_what_to_do()
    {
        using var handler = new Recorder { Answer = static _ => Json("""{"result":{"config":{"params":{"vectors":{"size":1024,"distance":"Cosine"}}}}}""") };
        using var store = Make(handler);
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => store.UpsertAsync(Own, Document, [Vector()], CancellationToken.None));
        Assert.Contains("lexcustis reindex", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stand_in_keeps_two_organizations_apart_in_one_collection_and_pages_are_read_to_the_end()
    {
        await using var qdrant = await QdrantStandIn.StartAsync();
        using var store = new QdrantVectorStore(new QdrantSettings(new Uri(qdrant.Url + "/"), null, QdrantTenancy.Shared), TimeProvider.System);
        var other = new VectorSpace(Guid.CreateVersion7(), Model);
        var (mine, theirs) = (Vector(), Vector());
        await store.UpsertAsync(Own, Document, [mine], CancellationToken.None);
        await store.UpsertAsync(other, Document, [theirs], CancellationToken.None);

        Assert.Equal(mine.Id, Assert.Single(await store.SearchAsync(Own, mine.Values, 9, CancellationToken.None)).Id);
        Assert.Equal([theirs.Id], await store.ListAsync(other, Document, CancellationToken.None));
        var read = Assert.Single(await store.ReadAsync(Own, [mine.Id, theirs.Id, Guid.CreateVersion7()], CancellationToken.None));
        Assert.Equal(mine.Id, read.Id);
        Assert.Equal(mine.Values, read.Values);
        Assert.Empty(await store.ReadAsync(Own with { Model = Model with { Name = "another" } }, [mine.Id], CancellationToken.None));
        await store.KeepOnlyAsync(other, Document, [], CancellationToken.None);
        Assert.Empty(await store.ListAsync(other, Document, CancellationToken.None));
        Assert.Equal([mine.Id], await store.ListAsync(Own, Document, CancellationToken.None));
        Assert.Empty(await store.ListAsync(Own with { Model = Model with { Name = "another" } }, Document, CancellationToken.None));
        await store.DropAsync(Own, CancellationToken.None);
        Assert.Empty(qdrant.PointsOf(QdrantVectorStore.SharedCollection));
        Assert.Empty(qdrant.Unfiltered);
    }

    private static async Task SendEverythingAsync(QdrantVectorStore store)
    {
        foreach (var space in new[] { Own, Shared })
        {
            await store.UpsertAsync(space, Document, [Vector(), Vector()], CancellationToken.None);
            await store.ListAsync(space, Document, CancellationToken.None);
            await store.ReadAsync(space, [Document, Organization], CancellationToken.None);
            await store.KeepOnlyAsync(space, Document, [Document], CancellationToken.None);
            await store.KeepOnlyAsync(space, Document, [], CancellationToken.None);
            await store.SearchAsync(space, new float[4], 50, CancellationToken.None);
            await store.DropAsync(space, CancellationToken.None);
        }
    }

    private static QdrantVectorStore Make(HttpMessageHandler handler, QdrantTenancy tenancy = QdrantTenancy.Collection) =>
        new(handler, new QdrantSettings(new Uri("http://qdrant.example:6333/"), "the-key", tenancy), TimeProvider.System);

    private static PassageVector Vector() => new(Guid.CreateVersion7(), [0.5f, -0.5f, 0.5f, 1e-9f]);

    private static HttpResponseMessage Json(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    /// <summary>By npm's ajv, on the description that Qdrant publishes.</summary>
    private static Task<List<string>> CheckAsync(IEnumerable<Recorded> requests, [CallerFilePath] string here = "")
    {
        var lines = new StringBuilder();
        foreach (var request in requests)
        {
            var line = new JsonObject { ["method"] = request.Method, ["path"] = request.Path };
            if (request.Body is not null)
                line["body"] = request.Body.DeepClone();
            lines.Append(line.ToJsonString()).Append('\n');
        }

        return RunNodeAsync("check-qdrant-requests.mjs", lines.ToString(), Path.Combine(Path.GetDirectoryName(here)!, "Fixtures/qdrant-openapi-extract.json"));
    }

    /// <returns>The lines that a script of scripts/ writes.</returns>
    private static async Task<List<string>> RunNodeAsync(string script, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(ScriptsFolder(), script), .. arguments]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, $"scripts/setup installs what it needs: {await errors}");
        return [.. (await output).TrimEnd('\n').Split('\n')];
    }

    private static string ScriptsFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../../../scripts");

    internal sealed record Recorded(string Method, string Path, JsonObject? Body);

    /// <summary>Notes each request and answers as a Qdrant would that has just been asked for everything.</summary>
    private sealed class Recorder : HttpMessageHandler
    {
        private readonly HashSet<string> made = [];

        public List<Recorded> Requests { get; } = [];

        public Func<HttpRequestMessage, HttpResponseMessage>? Answer { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("the-key", Assert.Single(request.Headers.GetValues("api-key")));
            var body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
            Requests.Add(new Recorded(request.Method.Method, request.RequestUri!.PathAndQuery, body));
            return Answer?.Invoke(request) ?? Otherwise(request, request.RequestUri.Segments.Length == 3);
        }

        private HttpResponseMessage Otherwise(HttpRequestMessage request, bool isCollection)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (isCollection && request.Method == HttpMethod.Get)
                return made.Contains(path) ? Json("""{"result":{"config":{"params":{"vectors":{"size":4,"distance":"Cosine"}}}}}""") : new HttpResponseMessage(HttpStatusCode.NotFound);
            if (isCollection && request.Method == HttpMethod.Put)
                made.Add(path);
            return Json(path.EndsWith("/scroll", StringComparison.Ordinal) || path.EndsWith("/query", StringComparison.Ordinal)
                ? """{"result":{"points":[],"next_page_offset":null}}"""
                : """{"result":true}""");
        }
    }
}
