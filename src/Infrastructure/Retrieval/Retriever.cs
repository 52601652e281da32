using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>
/// Finds the passages for a question, the same for a turn and for <c>/api/search</c>: by words and, with a model, by meaning, at the same time,
/// over the organization's documents and the knowledge base; fused by rank. What fails or is late is left out and named, and fails nothing else.
/// </summary>
internal sealed partial class Retriever(TenantDatabase database, Embeddings embeddings, IVectorStore store, RetrievalSettings settings, TimeProvider clock, ILogger<Retriever> logger)
{
    /// <summary>How many each way of searching may bring.</summary>
    private const int Depth = 50;

    /// <summary>The best passages within the number and the characters that a turn's prompt has room for.</summary>
    public Task<Retrieved> FindForTurnAsync(Guid organization, string question, CancellationToken cancellationToken) =>
        FindAsync(organization, question, limit: 6, settings.SourcesBudget, cancellationToken);

    /// <summary>The best <paramref name="limit"/> passages.</summary>
    public Task<Retrieved> FindAsync(Guid organization, string question, int limit, CancellationToken cancellationToken) =>
        FindAsync(organization, question, limit, int.MaxValue, cancellationToken);

    private async Task<Retrieved> FindAsync(Guid organization, string question, int limit, int budget, CancellationToken cancellationToken)
    {
        var trouble = new List<RetrievalTrouble>();
        using var deadline = new Deadline(settings.Timeout, clock, cancellationToken);
        var lexical = LexicalAsync(organization, question, deadline.Token);
        var dense = embeddings.Enabled ? DenseAsync(organization, question, deadline.Token) : Task.FromResult<(IReadOnlyList<Candidate>, RetrievalTrouble?)>(([], null));
        var (byWords, wordsTrouble) = await lexical;
        var (byMeaning, meaningTrouble) = await dense;
        cancellationToken.ThrowIfCancellationRequested();
        trouble.AddRange(new[] { wordsTrouble, meaningTrouble }.OfType<RetrievalTrouble>());

        // Time of its own: what was found just before the deadline is to be shown.
        using var reading = new Deadline(settings.Timeout, clock, cancellationToken);
        var fused = embeddings.Enabled ? Fusion.Fuse(byWords, byMeaning) : Fusion.Fuse(byWords);
        try
        {
            var passages = await ReadAsync(organization, fused, reading.Token);
            return new Retrieved(Fusion.Select(passages, limit, budget), trouble);
        }
        catch (Exception failure) when (IsPassing(failure, cancellationToken))
        {
            LogLexical(Problems.Summary(failure));
            return new Retrieved([], [.. trouble.Where(static one => one != RetrievalTrouble.Lexical), RetrievalTrouble.Lexical]);
        }
    }

    private async Task<(IReadOnlyList<Candidate> Found, RetrievalTrouble? Trouble)> LexicalAsync(Guid organization, string question, CancellationToken deadline)
    {
        try
        {
            await using var transaction = await database.BeginAsync(organization, deadline);
            return (await LexicalSearch.FindAsync(transaction, question, Depth, deadline), null);
        }
        catch (Exception failure) when (failure is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            LogLexical(Problems.Summary(failure));
            return ([], RetrievalTrouble.Lexical);
        }
    }

    private async Task<(IReadOnlyList<Candidate> Found, RetrievalTrouble? Trouble)> DenseAsync(Guid organization, string question, CancellationToken deadline)
    {
        var reason = RetrievalTrouble.Embedding;
        try
        {
            var model = await embeddings.LoadAsync(deadline);
            var vector = await embeddings.EmbedQuestionAsync(question, deadline);
            reason = RetrievalTrouble.VectorStore;
            var shared = store.SearchAsync(new VectorSpace(null, model), vector, Depth, deadline);
            var own = store.SearchAsync(new VectorSpace(organization, model), vector, Depth, deadline);
            await Task.WhenAll(shared, own);
            await using var transaction = await database.BeginAsync(organization, deadline);
            var pages = await ReadPagesAsync(transaction, await shared, deadline);
            var found = pages.Concat((await own).Select(static hit => new Candidate(hit.Id, null, hit.Similarity)))
                .OrderByDescending(static candidate => candidate.Score).Take(Depth).ToList();
            return (found, await LackVectorsAsync(transaction, model, deadline) ? RetrievalTrouble.VectorsMissing : null);
        }
        catch (Exception failure) when (failure is EmbeddingException or VectorStoreException or NpgsqlException or OperationCanceledException or TimeoutException)
        {
            LogDense(reason.Reason, failure is EmbeddingException or VectorStoreException ? failure.Message : Problems.Summary(failure));
            return ([], reason);
        }
    }

    private static async Task<List<Candidate>> ReadPagesAsync(TenantTransaction transaction, IReadOnlyList<VectorHit> hits, CancellationToken cancellationToken)
    {
        var ids = (await transaction.ListAsync("SELECT vector_id, id FROM knowledge_base_passages WHERE vector_id = ANY ($1)", [hits.Select(static hit => hit.Id).ToArray()],
            static row => (Vector: row.GetGuid(0), Page: row.GetString(1)), cancellationToken)).ToDictionary(static row => row.Vector, static row => row.Page);
        return [.. hits.Where(hit => ids.ContainsKey(hit.Id)).Select(hit => new Candidate(null, ids[hit.Id], hit.Similarity))];
    }

    private Task<bool> LackVectorsAsync(TenantTransaction transaction, EmbeddingModelIdentity model, CancellationToken cancellationToken) => transaction.ScalarAsync<bool>("""
        SELECT EXISTS (
            SELECT FROM documents WHERE organization_id = $1 AND status = 'ready' AND NOT EXISTS (
                SELECT FROM document_vectors AS known
                WHERE known.organization_id = $1 AND known.document_id = documents.id AND known.store = $2 AND known.model = $3))
        """, [transaction.OrganizationId, store.Name, model.Name], cancellationToken);

    /// <summary>The passages that are still there, in the order of the candidates.</summary>
    private async Task<IEnumerable<Passage>> ReadAsync(Guid organization, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0)
            return [];
        var documents = candidates.Where(static candidate => candidate.Id is not null).Select(static candidate => candidate.Id!.Value).ToArray();
        var pages = candidates.Where(static candidate => candidate.Page is not null).Select(static candidate => candidate.Page!).ToArray();
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var found = new Dictionary<(Guid?, string?), Passage>();
        var own = documents.Length == 0 ? [] : await transaction.ListAsync("""
            SELECT passage.id, passage.document_id, document.name, passage.heading, passage.position, passage.content, passage.page, passage.start_offset, passage.end_offset
            FROM document_passages AS passage
            JOIN documents AS document ON document.organization_id = $1 AND document.id = passage.document_id
            WHERE passage.organization_id = $1 AND passage.id = ANY ($2) AND document.status <> 'failed'
            """, [organization, documents],
            static row => (Id: row.GetGuid(0), Passage: new Passage(row.GetGuid(0).ToString(), row.GetGuid(1).ToString(), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetString(5), 0, Shared: false)
            {
                Page = row.IsDBNull(6) ? null : row.GetInt32(6),
                Start = row.GetInt32(7),
                End = row.GetInt32(8),
            }), cancellationToken);
        foreach (var (id, passage) in own)
            found[(id, null)] = passage;
        var shared = await transaction.ListAsync("SELECT id, page, title, heading, position, content FROM knowledge_base_passages WHERE id = ANY ($1)", [pages],
            static row => new Passage(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetString(5), 0, Shared: true), cancellationToken);
        foreach (var passage in shared)
            found[(null, passage.Id)] = passage;
        return candidates.Where(candidate => found.ContainsKey((candidate.Id, candidate.Page)))
            .Select(candidate => found[(candidate.Id, candidate.Page)] with { Score = Math.Round(Math.Clamp(candidate.Score, 0.0001, 1), 4) });
    }

    private static bool IsPassing(Exception failure, CancellationToken caller) => failure is NpgsqlException or TimeoutException
        || (failure is OperationCanceledException && !caller.IsCancellationRequested);

    [LoggerMessage(1511, LogLevel.Warning, "The search by words failed or was too slow: {Failure}")]
    private partial void LogLexical(string failure);

    [LoggerMessage(1512, LogLevel.Warning, "The search by meaning was left out ({Reason}): {Failure}")]
    private partial void LogDense(string reason, string failure);

    /// <summary>Cancels when the caller does or the time is up.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource timer;
        private readonly CancellationTokenSource both;

        public Deadline(TimeSpan time, TimeProvider clock, CancellationToken caller)
        {
            timer = new CancellationTokenSource(time, clock);
            both = CancellationTokenSource.CreateLinkedTokenSource(caller, timer.Token);
        }

        public CancellationToken Token => both.Token;

        public void Dispose()
        {
            both.Dispose();
            timer.Dispose();
        }
    }
}
