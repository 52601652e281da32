using LexCustis.Infrastructure.Lifecycle;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>Keeps the vector store in step with the passages in PostgreSQL, which alone say what there is.</summary>
internal sealed class PassageVectors(TenantDatabase database, Embeddings embeddings, IVectorStore store)
{
    private const int BatchSize = 32;

    /// <summary>Sent after a deletion has committed: what it left is swept now, not at the next round.</summary>
    public Nudge Deleted { get; } = new();

    /// <summary>False where no model is set: there are no vectors then, and <see cref="WriteAsync"/> does nothing.</summary>
    public bool Enabled => embeddings.Enabled;

    /// <summary>
    /// Gives each passage that the document has now its vector, and takes away those of passages that it has no more. What an earlier attempt
    /// wrote stays. Two servers may do it at once.
    /// </summary>
    /// <param name="progress">Told after each batch how many of the passages have a vector.</param>
    /// <returns>False when the document is gone.</returns>
    /// <exception cref="VectorStoreException">The store is down, slow or refuses: try again later.</exception>
    /// <exception cref="Embedding.EmbeddingException">The model can't be used.</exception>
    public async Task<bool> WriteAsync(Guid organization, Guid document, Func<int, CancellationToken, Task> progress, CancellationToken cancellationToken)
    {
        if (!Enabled)
            return true;
        var model = await embeddings.LoadAsync(cancellationToken);
        var space = new VectorSpace(organization, model);
        var passages = await ReadAsync(organization, document, cancellationToken);
        await store.KeepOnlyAsync(space, document, [.. passages.Select(static passage => passage.Id)], cancellationToken);
        var written = await store.ListAsync(space, document, cancellationToken);
        var done = passages.Count(passage => written.Contains(passage.Id));
        foreach (var batch in passages.Where(passage => !written.Contains(passage.Id)).Chunk(BatchSize))
        {
            var vectors = await Task.WhenAll(batch.Select(async passage => new PassageVector(passage.Id, await embeddings.EmbedPassageAsync(passage.Text, cancellationToken))));
            if (!await store.UpsertAsync(space, document, vectors, cancellationToken))
                return false;
            await progress(done += batch.Length, cancellationToken);
        }

        return await MarkAsync(organization, document, model, cancellationToken);
    }

    /// <summary>The vectors of passages that retrieval found, in their order; null where the store has none by this model.</summary>
    /// <exception cref="VectorStoreException">The store is down, slow or refuses.</exception>
    /// <exception cref="Embedding.EmbeddingException">The model can't be used.</exception>
    public async Task<IReadOnlyList<float[]?>> FindAsync(
        Guid organization, IReadOnlyList<Passage> passages, CancellationToken cancellationToken)
    {
        var model = await embeddings.LoadAsync(cancellationToken);
        string[] shared = [.. passages.Where(static passage => passage.Shared).Select(static passage => passage.Id)];
        var pages = await FindPagesAsync(organization, shared, cancellationToken);
        var wanted = passages.Select(passage => passage.Shared
            ? (Owner: (Guid?)null, Id: pages.GetValueOrDefault(passage.Id)) // a page that is gone has the empty id, which no vector has
            : (Owner: organization, Id: Guid.Parse(passage.Id))).ToList();
        var found = new Dictionary<Guid, float[]>();
        foreach (var owned in wanted.GroupBy(static one => one.Owner, static one => one.Id))
        {
            foreach (var vector in await store.ReadAsync(new VectorSpace(owned.Key, model), [.. owned], cancellationToken))
                found[vector.Id] = vector.Values;
        }

        return [.. wanted.Select(one => found.GetValueOrDefault(one.Id))];
    }

    /// <summary>
    /// Begins anew: no document of the organization has vectors afterwards, in any store that this server knows. Servers leave them to the caller for
    /// a day, because they may still have another model or store.
    /// </summary>
    public async Task DropAsync(Guid organization, CancellationToken cancellationToken)
    {
        await using (var transaction = await database.BeginAsync(organization, cancellationToken))
        {
            await transaction.ExecuteAsync("""
                INSERT INTO missing_vectors (document_id, organization_id, reason, attempts, due_at)
                SELECT id, organization_id, 'vectors_missing', 0, now() + interval '1 day' FROM documents WHERE organization_id = $1 AND status = 'ready'
                ON CONFLICT (document_id) DO UPDATE SET due_at = excluded.due_at
                """, [organization], cancellationToken);
            await transaction.ExecuteAsync("DELETE FROM document_vectors WHERE organization_id = $1", [organization], cancellationToken);
            // Also where vectors are kept elsewhere now: those that stayed here would never be used again.
            await transaction.ScalarAsync<long>("SELECT next_vector_change()", [], cancellationToken);
            await transaction.ExecuteAsync("DELETE FROM passage_vectors WHERE organization_id = $1", [organization], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await store.DropAsync(new VectorSpace(organization, await embeddings.LoadAsync(cancellationToken)), cancellationToken);
    }

    /// <summary>Takes away what a deleted document left in the store.</summary>
    public async Task RemoveAsync(Guid organization, Guid document, CancellationToken cancellationToken) =>
        // Of whatever model, so none need be loaded.
        await store.KeepOnlyAsync(new VectorSpace(organization, new EmbeddingModelIdentity("", 0)), document, [], cancellationToken);

    private async Task<List<(Guid Id, string Text)>> ReadAsync(Guid organization, Guid document, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        return await transaction.ListAsync("SELECT id, heading, content FROM document_passages WHERE organization_id = $1 AND document_id = $2 ORDER BY position",
            [organization, document], static row => (row.GetGuid(0), TextOf(row.GetString(1), row.GetString(2))), cancellationToken);
    }

    /// <summary>The ids by which the store knows pages of the knowledge base.</summary>
    private async Task<Dictionary<string, Guid>> FindPagesAsync(Guid organization, string[] pages, CancellationToken cancellationToken)
    {
        if (pages.Length == 0)
            return [];
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var rows = await transaction.ListAsync("SELECT id, vector_id FROM knowledge_base_passages WHERE id = ANY ($1)", [pages],
            static row => (Page: row.GetString(0), Vector: row.GetGuid(1)), cancellationToken);
        return rows.ToDictionary(static row => row.Page, static row => row.Vector);
    }

    /// <summary>What stands for a passage when it is embedded: a heading says what "it" is.</summary>
    public static string TextOf(string heading, string content) => heading.Length == 0 ? content : $"{heading}\n{content}";

    /// <summary>Written last: a document that is not marked has vectors missing.</summary>
    private async Task<bool> MarkAsync(Guid organization, Guid document, EmbeddingModelIdentity model, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var marked = await transaction.ExecuteAsync("""
            INSERT INTO document_vectors (document_id, organization_id, store, model)
            SELECT id, organization_id, $3, $4 FROM documents WHERE organization_id = $1 AND id = $2 FOR KEY SHARE
            ON CONFLICT (document_id) DO UPDATE SET store = excluded.store, model = excluded.model
            """, [organization, document, store.Name, model.Name], cancellationToken);
        await transaction.ExecuteAsync("DELETE FROM missing_vectors WHERE organization_id = $1 AND document_id = $2", [organization, document], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return marked > 0;
    }
}
