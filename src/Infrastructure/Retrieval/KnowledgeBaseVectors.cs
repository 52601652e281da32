using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using Npgsql;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>
/// Gives the knowledge base its vectors at the first start with a model, and those of changed pages after an update, in the background and by one
/// server at a time. It also loads the model before the first question needs it.
/// </summary>
internal sealed partial class KnowledgeBaseVectors(NpgsqlDataSource source, Embeddings embeddings, IVectorStore store, RetrievalSettings settings, TimeProvider clock, ILogger<KnowledgeBaseVectors> logger)
    : BackgroundService
{
    private const int BatchSize = 16;
    private const long LockKey = 0x6c657863757376; // "lexcusv"

    /// <summary>Pages change by a migration, which may run beside this server.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Writes what is missing, and takes away what belongs to no passage any more.</summary>
    /// <returns>The passages embedded; null when another server is at it.</returns>
    public async Task<int?> WriteAsync(CancellationToken cancellationToken)
    {
        var space = new VectorSpace(null, await embeddings.LoadAsync(cancellationToken));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (!await ScalarAsync<bool>(connection, $"SELECT pg_try_advisory_lock({LockKey})", cancellationToken))
            return null;
        try
        {
            var passages = await ReadAsync(connection, cancellationToken);
            var written = await store.ListAsync(space, Guid.Empty, cancellationToken);
            var missing = passages.Where(passage => !written.Contains(passage.Id)).ToList();
            foreach (var batch in missing.Chunk(BatchSize))
            {
                var vectors = await Task.WhenAll(batch.Select(async passage => new PassageVector(passage.Id, await embeddings.EmbedPassageAsync(passage.Text, cancellationToken))));
                await store.UpsertAsync(space, Guid.Empty, vectors, cancellationToken);
            }

            if (missing.Count > 0 || written.Count > passages.Count)
                await store.KeepOnlyAsync(space, Guid.Empty, [.. passages.Select(static passage => passage.Id)], cancellationToken);
            return missing.Count;
        }
        finally
        {
            await ScalarAsync<bool>(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!embeddings.Enabled)
        {
            LogNoModel();
            return;
        }

        LogStore(store.Name, settings.Concurrency);
        try
        {
            while (true)
            {
                try
                {
                    if (await WriteAsync(stoppingToken) is > 0 and var embedded)
                        LogEmbedded(embedded);
                }
                catch (EmbeddingException failure)
                {
                    // It stays so until the process is started again with other files.
                    LogUnusable(failure.Message);
                    return;
                }
                catch (VectorStoreException failure)
                {
                    LogStoreAway(failure.Message);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogFailed(failure.GetType().Name);
                }

                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; the next one goes on where this one was.
        }
    }

    private static async Task<List<(Guid Id, string Text)>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT vector_id, title, heading, content FROM knowledge_base_passages ORDER BY id", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var passages = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellationToken))
            passages.Add((reader.GetGuid(0), $"{reader.GetString(1)}\n{PassageVectors.TextOf(reader.GetString(2), reader.GetString(3))}"));
        return passages;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(1521, LogLevel.Information, "LEXCUSTIS_EMBEDDINGS_DIR is not set: documents are searched by words alone")]
    private partial void LogNoModel();

    [LoggerMessage(1522, LogLevel.Information, "Documents are searched by words and by meaning; vectors are kept by the store '{Store}', {Concurrency} texts are embedded at once")]
    private partial void LogStore(string store, int concurrency);

    [LoggerMessage(1523, LogLevel.Information, "The knowledge base has its vectors: {Count} passages were embedded")]
    private partial void LogEmbedded(int count);

    [LoggerMessage(1524, LogLevel.Error, "Documents are searched by words alone: {Reason} Start the server again once that is mended")]
    private partial void LogUnusable(string reason);

    [LoggerMessage(1525, LogLevel.Warning, "The knowledge base could not be embedded: {Reason} Trying again in five minutes")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(1526, LogLevel.Warning, "The knowledge base could not be embedded ({Failure}); trying again in five minutes")]
    private partial void LogFailed(string failure);
}
