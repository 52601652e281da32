using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexCustis.Tests.Harness;

/// <summary>
/// A stand-in for Qdrant, of which there is none to test against: the few requests that the product sends, answered in the shapes of Qdrant's
/// OpenAPI description from memory, by exact cosine. It notes every request that would read or delete points without saying whose.
/// </summary>
internal sealed class QdrantStandIn : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, Collection> collections = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    private QdrantStandIn()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        app = builder.Build();
        app.Run(ServeAsync);
    }

    public string Url { get; private set; } = "";

    /// <summary>Requests that carried no filter by organization, or another than the collection's. Tests end by expecting none.</summary>
    public ConcurrentQueue<string> Unfiltered { get; } = new();

    /// <summary>Those that read or delete points.</summary>
    public int FilteredRequests => filtered;

    /// <summary>While set, it answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>While set, it takes so long.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Which requests, such as <c>POST points/scroll</c>, and by what in their body, it takes and does not answer.</summary>
    public Func<string, JsonObject, bool> Ignores { get; set; } = static (_, _) => false;

    /// <summary>Refuses the ignored requests that wait, and those to come.</summary>
    public void RefuseIgnored() => refused.TrySetResult();

    /// <summary>Ignored requests whose caller still waits.</summary>
    public int Waiting => waiting;

    /// <summary>Ignored requests so far.</summary>
    public int Ignored => ignored;

    private readonly TaskCompletionSource refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int filtered;
    private int waiting;
    private int ignored;

    public static async Task<QdrantStandIn> StartAsync()
    {
        var qdrant = new QdrantStandIn();
        await qdrant.app.StartAsync();
        qdrant.Url = qdrant.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return qdrant;
    }

    /// <summary>The points of a collection: id and payload.</summary>
    public List<(string Id, JsonObject Payload)> PointsOf(string collection)
    {
        lock (gate)
            return collections.TryGetValue(collection, out var known) ? [.. known.Points.Select(static point => (point.Key, point.Value.Payload))] : [];
    }

    public List<string> Collections
    {
        get
        {
            lock (gate) return [.. collections.Keys];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, http.RequestAborted);
        if (IsDown)
        {
            http.Response.StatusCode = 503;
            return;
        }

        var body = http.Request.ContentLength > 0 ? (await JsonNode.ParseAsync(http.Request.Body))!.AsObject() : [];
        var request = $"{http.Request.Method} {string.Join('/', http.Request.Path.Value!.Split('/').Skip(3))}".TrimEnd();
        if (Ignores(request, body))
        {
            Interlocked.Increment(ref ignored);
            Interlocked.Increment(ref waiting);
            try
            {
                await refused.Task.WaitAsync(http.RequestAborted);
                http.Response.StatusCode = 400;
                return;
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }

        JsonNode? result;
        lock (gate)
            result = Answer(http, request, http.Request.Path.Value!.Split('/')[2], body);
        if (result is null)
            return;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(new JsonObject { ["result"] = result, ["status"] = "ok", ["time"] = 0.001 }.ToJsonString());
    }

    private JsonNode? Answer(HttpContext http, string request, string name, JsonObject body)
    {
        if (request == "PUT")
        {
            var vectors = body["vectors"]!;
            if (!collections.TryAdd(name, new Collection((int)vectors["size"]!, [])))
                http.Response.StatusCode = 409;
            return collections.Count > 0 && http.Response.StatusCode == 200 ? true : null;
        }

        if (!collections.TryGetValue(name, out var collection))
        {
            http.Response.StatusCode = 404;
            return null;
        }

        switch (request)
        {
            case "GET":
                return new JsonObject
                {
                    ["status"] = "green",
                    ["config"] = new JsonObject { ["params"] = new JsonObject { ["vectors"] = new JsonObject { ["size"] = collection.Size, ["distance"] = "Cosine" } } },
                };
            case "DELETE":
                collections.Remove(name);
                return true;
            case "PUT index":
                return Done();
            case "PUT points":
                foreach (var point in body["points"]!.AsArray())
                {
                    var vector = point!["vector"]!.AsArray().Select(static value => (float)value!).ToArray();
                    if (vector.Length != collection.Size || point["payload"]?["org_id"] is null)
                    {
                        http.Response.StatusCode = 400;
                        return null;
                    }

                    collection.Points[(string)point["id"]!] = (vector, point["payload"]!.DeepClone().AsObject());
                }

                return Done();
            case "POST points/delete":
                foreach (var id in Matching(name, collection, body, request).Select(static point => point.Key).ToList())
                    collection.Points.Remove(id);
                return Done();
            case "POST points/scroll":
                return new JsonObject
                {
                    ["points"] = new JsonArray(
                        [.. Matching(name, collection, body, request).Select(point => Shown(point, (bool)body["with_vector"]!))]),
                    ["next_page_offset"] = null,
                };
            case "POST points/query":
                var query = body["query"]!.AsArray().Select(static value => (float)value!).ToArray();
                return new JsonObject
                {
                    ["points"] = new JsonArray([.. Matching(name, collection, body, request)
                        .Select(point => (point.Key, point.Value.Payload, Score: point.Value.Vector.Zip(query, static (a, b) => (double)a * b).Sum()))
                        .OrderByDescending(static point => point.Score).Take((int)body["limit"]!)
                        .Select(static point => (JsonNode)new JsonObject
                        {
                            ["id"] = point.Key, ["version"] = 1, ["score"] = point.Score, ["payload"] = new JsonObject { ["org_id"] = (string)point.Payload["org_id"]! },
                        })]),
                };
            default:
                http.Response.StatusCode = 400;
                return null;
        }

        static JsonNode Shown(KeyValuePair<string, (float[] Vector, JsonObject Payload)> point, bool withVector)
        {
            var shown = new JsonObject { ["id"] = point.Key };
            if (withVector)
            {
                shown["vector"] = new JsonArray([.. point.Value.Vector.Select(static value => (JsonNode)value)]);
                shown["payload"] = new JsonObject { ["org_id"] = (string)point.Value.Payload["org_id"]! };
            }

            return shown;
        }

        static JsonObject Done() => new() { ["operation_id"] = 1, ["status"] = "completed" };
    }

    /// <summary>The points that a request's filter leaves; a request without a filter by organization is noted and gets nothing.</summary>
    private List<KeyValuePair<string, (float[] Vector, JsonObject Payload)>> Matching(string name, Collection collection, JsonObject body, string request)
    {
        var conditions = body["filter"]?["must"]?.AsArray() ?? [];
        var must = conditions.Where(static condition => condition!["key"] is not null)
            .ToDictionary(static condition => (string)condition!["key"]!, static condition => (string)condition!["match"]!["value"]!);
        if (!must.TryGetValue("org_id", out var organization) || (name.StartsWith("org_", StringComparison.Ordinal) && name != $"org_{organization}_documents"))
        {
            Unfiltered.Enqueue($"{request} of {name}: {body.ToJsonString()}");
            return [];
        }

        filtered++;
        var except = body["filter"]?["must_not"]?.AsArray().SelectMany(static condition => condition!["has_id"]!.AsArray()).Select(static id => (string)id!).ToHashSet() ?? [];
        var only = conditions.FirstOrDefault(static condition => condition!["has_id"] is not null)?["has_id"]!.AsArray()
            .Select(static id => (string)id!).ToHashSet();
        return
        [
            .. collection.Points.Where(point => !except.Contains(point.Key) && only?.Contains(point.Key) != false
                && must.All(condition => (string?)point.Value.Payload[condition.Key] == condition.Value)),
        ];
    }

    private sealed record Collection(int Size, Dictionary<string, (float[] Vector, JsonObject Payload)> Points);
}
