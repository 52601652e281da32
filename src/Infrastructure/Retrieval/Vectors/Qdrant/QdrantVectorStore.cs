using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LexCustis.Infrastructure.Retrieval.Vectors.Qdrant;

/// <summary>
/// Vectors in Qdrant, over its REST API. An organization has a collection of its own, <c>org_{uuid}_documents</c>, made at its first vector;
/// all the same every point carries <c>org_id</c> and every request that reads or deletes points filters by it.
/// With <see cref="QdrantTenancy.Shared"/> all organizations share one collection, which Qdrant groups by <c>org_id</c>: its own advice
/// beyond some hundred tenants (Qdrant's guide on multitenancy).
/// </summary>
internal sealed class QdrantVectorStore(HttpMessageHandler handler, QdrantSettings settings, TimeProvider clock) : IVectorStore, IDisposable
{
    public const string SharedCollection = "lexcustis_documents";
    public const string KnowledgeBaseCollection = "lexcustis_knowledge_base";

    private const int PageSize = 1_000;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Before each repetition of a call that may be repeated.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    private readonly HttpClient _http = new(handler) { BaseAddress = settings.Url, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 16 << 20 };
    private readonly ConcurrentDictionary<string, int> _known = new(StringComparer.Ordinal);

    public QdrantVectorStore(QdrantSettings settings, TimeProvider clock)
        : this(CreateHandler(), settings, clock)
    {
    }

    public string Name => "qdrant";

    public async Task<bool> UpsertAsync(VectorSpace space, Guid document, IReadOnlyList<PassageVector> vectors, CancellationToken cancellationToken)
    {
        var points = new PointsList([.. vectors.Select(vector => new PointStruct(vector.Id, vector.Values, new Payload(OrgId(space), document, space.Model.Name)))]);
        for (var again = true; ; again = false)
        {
            await EnsureAsync(space, cancellationToken);
            var status = await SendAsync(HttpMethod.Put, $"collections/{CollectionOf(space)}/points?wait=true", points, QdrantJson.Default.PointsList, "write vectors", WriteTimeout, cancellationToken);
            if (status != HttpStatusCode.NotFound)
                return true;
            // Another server dropped the collection since this one saw it.
            _known.TryRemove(CollectionOf(space), out _);
            if (!again)
                throw new VectorStoreException("Qdrant has no such collection, though it was made a moment ago.");
        }
    }

    public async Task<HashSet<Guid>> ListAsync(VectorSpace space, Guid document, CancellationToken cancellationToken)
    {
        var filter = new Filter([Is("org_id", OrgId(space)), Is("document_id", document.ToString()), Is("model", space.Model.Name)]);
        var ids = new HashSet<Guid>();
        for (Guid? offset = null; ;)
        {
            var request = new ScrollRequest(filter, PageSize, WithPayload: false, WithVector: false, offset);
            var page = await AskAsync(HttpMethod.Post, $"collections/{CollectionOf(space)}/points/scroll", request, QdrantJson.Default.ScrollRequest,
                QdrantJson.Default.ScrollAnswer, "list vectors", cancellationToken);
            ids.UnionWith(page?.Result?.Points?.Select(static point => point.Id) ?? []);
            offset = page?.Result?.NextPageOffset;
            if (offset is null)
                return ids;
        }
    }

    public Task KeepOnlyAsync(VectorSpace space, Guid document, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => DeleteAsync(space,
        new Filter([Is("org_id", OrgId(space)), Is("document_id", document.ToString())], ids.Count == 0 ? null : [new Condition(HasId: ids)]), cancellationToken);

    public async Task DropAsync(VectorSpace space, CancellationToken cancellationToken)
    {
        var collection = CollectionOf(space);
        if (collection == SharedCollection && await FindDimensionAsync(collection, cancellationToken) == space.Model.Dimension)
        {
            await DeleteAsync(space, new Filter([Is("org_id", OrgId(space))]), cancellationToken);
            return;
        }

        // A shared collection of another dimension is another model's: nobody's vectors in it are of use any more.
        await SendAsync<object>(HttpMethod.Delete, $"collections/{collection}", null, null, "drop a collection", WriteTimeout, cancellationToken);
        _known.TryRemove(collection, out _);
    }

    public async Task<IReadOnlyList<PassageVector>> ReadAsync(
        VectorSpace space, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        // Retrieving points by their ids takes no filter; scrolling through those that have them does.
        var filter = new Filter([Is("org_id", OrgId(space)), Is("model", space.Model.Name), new Condition(HasId: ids)]);
        // A limit of 0 is refused.
        var request = new ReadRequest(filter, Math.Max(1, ids.Count), WithPayload: ["org_id"], WithVector: true);
        var answer = await AskAsync(HttpMethod.Post, $"collections/{CollectionOf(space)}/points/scroll", request,
            QdrantJson.Default.ReadRequest, QdrantJson.Default.ReadAnswer, "read vectors", cancellationToken);
        var points = answer?.Result?.Points ?? [];
        ThrowIfForeign(space, points.Select(static point => point.Payload));
        return [.. points.Where(static point => point.Vector is not null)
            .Select(static point => new PassageVector(point.Id, point.Vector!))];
    }

    public async Task<IReadOnlyList<VectorHit>> SearchAsync(VectorSpace space, ReadOnlyMemory<float> query, int limit, CancellationToken cancellationToken)
    {
        var request = new QueryRequest(query, new Filter([Is("org_id", OrgId(space)), Is("model", space.Model.Name)]), limit, WithPayload: ["org_id"], WithVector: false);
        var answer = await AskAsync(HttpMethod.Post, $"collections/{CollectionOf(space)}/points/query", request, QdrantJson.Default.QueryRequest,
            QdrantJson.Default.QueryAnswer, "search vectors", cancellationToken);
        var points = answer?.Result?.Points ?? [];
        ThrowIfForeign(space, points.Select(static point => point.Payload));
        return [.. points.Select(static point => new VectorHit(point.Id, point.Score))];
    }

    public void Dispose() => _http.Dispose();

    private static string OrgId(VectorSpace space) => space.Organization?.ToString() ?? "shared";

    private static void ThrowIfForeign(VectorSpace space, IEnumerable<Payload?> payloads)
    {
        if (payloads.Any(payload => payload?.OrgId != OrgId(space)))
            throw new VectorStoreException("Qdrant answered with a point of another organization than was asked for: it was thrown away.");
    }

    private static Condition Is(string key, string value) => new(key, new MatchValue(value));

    private static SocketsHttpHandler CreateHandler() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // A redirect would carry the key to an address that nobody configured.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
    };

    private string CollectionOf(VectorSpace space) => space.Organization is not { } organization ? KnowledgeBaseCollection
        : settings.Tenancy == QdrantTenancy.Shared ? SharedCollection
        : $"org_{organization}_documents";

    private async Task EnsureAsync(VectorSpace space, CancellationToken cancellationToken)
    {
        var collection = CollectionOf(space);
        if (_known.TryGetValue(collection, out var known) && known == space.Model.Dimension)
            return;
        var dimension = await FindDimensionAsync(collection, cancellationToken);
        if (dimension is null)
        {
            var grouped = collection == SharedCollection;
            var create = new CreateCollection(new VectorParams(space.Model.Dimension, "Cosine"), grouped ? new HnswConfigDiff(M: 0, PayloadM: 16) : null);
            // 409: another server was quicker.
            await SendAsync(HttpMethod.Put, $"collections/{collection}", create, QdrantJson.Default.CreateCollection, "create a collection", WriteTimeout, cancellationToken, repeat: false, HttpStatusCode.Conflict);
            await IndexAsync(collection, "org_id", new KeywordIndexParams("keyword", grouped ? true : null), cancellationToken);
            await IndexAsync(collection, "document_id", new KeywordIndexParams("keyword"), cancellationToken);
            dimension = await FindDimensionAsync(collection, cancellationToken);
        }

        if (dimension != space.Model.Dimension)
            throw new VectorStoreException($"Qdrant's collection {collection} holds vectors of {dimension} numbers, and the model makes {space.Model.Dimension}: run `lexcustis reindex`.");
        _known[collection] = space.Model.Dimension;
    }

    private Task<HttpStatusCode> IndexAsync(string collection, string field, KeywordIndexParams index, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put,
        $"collections/{collection}/index?wait=true", new CreateFieldIndex(field, index), QdrantJson.Default.CreateFieldIndex, "index a field", WriteTimeout, cancellationToken);

    /// <returns>Null where there is no such collection.</returns>
    private async Task<int?> FindDimensionAsync(string collection, CancellationToken cancellationToken)
    {
        var answer = await AskAsync<object, CollectionAnswer>(HttpMethod.Get, $"collections/{collection}", null, null, QdrantJson.Default.CollectionAnswer, "describe a collection", cancellationToken);
        return answer is null ? null : answer.Result?.Config?.Params?.Vectors?.Size ?? 0;
    }

    private Task<HttpStatusCode> DeleteAsync(VectorSpace space, Filter filter, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post,
        $"collections/{CollectionOf(space)}/points/delete?wait=true", new FilterSelector(filter), QdrantJson.Default.FilterSelector, "delete vectors", WriteTimeout, cancellationToken);

    /// <returns>The status: a success, 404, or <paramref name="also"/>.</returns>
    private async Task<HttpStatusCode> SendAsync<TRequest>(HttpMethod method, string path, TRequest? body, JsonTypeInfo<TRequest>? shape, string act, TimeSpan timeout,
        CancellationToken cancellationToken, bool repeat = true, HttpStatusCode also = HttpStatusCode.NotFound)
    {
        var (status, _) = await CallAsync(method, path, body, shape, act, timeout, repeat, also, cancellationToken);
        return status;
    }

    /// <returns>Null for a 404: what was never written has no collection.</returns>
    private async Task<TAnswer?> AskAsync<TRequest, TAnswer>(
        HttpMethod method, string path, TRequest? body, JsonTypeInfo<TRequest>? shape, JsonTypeInfo<TAnswer> answer, string act, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var (status, bytes) = await CallAsync(method, path, body, shape, act, ReadTimeout, repeat: true, HttpStatusCode.NotFound, cancellationToken);
        if (status == HttpStatusCode.NotFound)
            return null;
        try
        {
            return JsonSerializer.Deserialize(bytes, answer) ?? throw new VectorStoreException($"Qdrant answered nothing when asked to {act}.");
        }
        catch (JsonException wrong)
        {
            throw new VectorStoreException($"Qdrant's answer can't be read when asked to {act}: is LEXCUSTIS_QDRANT_URL Qdrant's REST address?", wrong);
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> CallAsync<TRequest>(
        HttpMethod method, string path, TRequest? body, JsonTypeInfo<TRequest>? shape, string act, TimeSpan timeout, bool repeat, HttpStatusCode also, CancellationToken cancellationToken)
    {
        var bytes = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, shape!);
        for (var attempt = 0; ; attempt++)
        {
            var last = !repeat || attempt == Pauses.Length;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), patience, timeout, Timeout.InfiniteTimeSpan);
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (bytes is not null)
                    request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };
                if (settings.ApiKey is { } key)
                    request.Headers.TryAddWithoutValidation("api-key", key);
                using var response = await _http.SendAsync(request, patience.Token);
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound || response.StatusCode == also)
                    return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(patience.Token));
                if (last || !IsPassing(response.StatusCode))
                    throw Refused(response.StatusCode, act);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new VectorStoreException($"Qdrant took longer than {timeout.TotalSeconds} s when asked to {act}.");
            }
            catch (HttpRequestException failure) when (last)
            {
                throw new VectorStoreException($"Qdrant can't be reached ({failure.HttpRequestError}) when asked to {act}.", failure);
            }
            catch (HttpRequestException)
            {
                // Once more, after the pause.
            }

            await Task.Delay(Pauses[attempt], clock, cancellationToken);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Without the answer's body: it may repeat what was sent.</summary>
    private static VectorStoreException Refused(HttpStatusCode status, string act) => new(status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        ? $"Qdrant refused the key in LEXCUSTIS_QDRANT_API_KEY ({(int)status}) when asked to {act}."
        : $"Qdrant answered {(int)status} when asked to {act}.");
}

internal enum QdrantTenancy
{
    /// <summary>A collection an organization.</summary>
    Collection,

    /// <summary>One collection for all, grouped by <c>org_id</c>.</summary>
    Shared,
}

/// <param name="Url">Ends in a slash.</param>
internal sealed record QdrantSettings(Uri Url, string? ApiKey, QdrantTenancy Tenancy);
