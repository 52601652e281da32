using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Infrastructure.Retrieval.Vectors;

/// <summary>
/// Vectors in PostgreSQL, searched whole in this process's memory. Every search asks PostgreSQL whether the copy here is the latest, so
/// what any server wrote or deleted counts at once on all; only what changed is read again.
/// </summary>
internal sealed class ExactVectorStore : IVectorStore
{
    private readonly TenantDatabase _database;
    private readonly NpgsqlDataSource _source;
    private readonly ExactIndex<VectorSpace> _index;

    /// <param name="memory">Bytes that the copies may take together.</param>
    public ExactVectorStore(TenantDatabase database, NpgsqlDataSource source, long memory)
    {
        (_database, _source) = (database, source);
        _index = new ExactIndex<VectorSpace>(memory, LoadAsync);
    }

    public string Name => "exact";

    public Task<bool> UpsertAsync(VectorSpace space, Guid document, IReadOnlyList<PassageVector> vectors, CancellationToken cancellationToken) => Guarded(async () =>
    {
        var ids = vectors.Select(static vector => vector.Id).ToArray();
        var values = vectors.Select(static vector => ToBytes(vector.Values)).ToArray();
        if (space.Organization is not { } organization)
        {
            await ExecuteSharedAsync("""
                INSERT INTO knowledge_base_vectors (id, model, vector) SELECT id, $1, vector FROM unnest($2::uuid[], $3::bytea[]) AS given (id, vector)
                ON CONFLICT (id) DO UPDATE SET model = excluded.model, change = DEFAULT, vector = excluded.vector
                """, [space.Model.Name, ids, values], cancellationToken);
            return true;
        }

        await using var transaction = await _database.BeginAsync(organization, cancellationToken);
        // The document's row first, as a deletion does: neither then waits for the other in a circle.
        if (await transaction.ScalarAsync<bool>("SELECT true FROM documents WHERE organization_id = $1 AND id = $2 FOR KEY SHARE", [organization, document], cancellationToken) is false)
            return false;
        var change = await transaction.ScalarAsync<long>("SELECT next_vector_change()", [], cancellationToken);
        // A passage that was replaced meanwhile gets no vector.
        await transaction.ExecuteAsync("""
            INSERT INTO passage_vectors (passage_id, organization_id, document_id, model, change, vector)
            SELECT passage.id, $1, $2, $3, $4, given.vector FROM unnest($5::uuid[], $6::bytea[]) AS given (id, vector)
            JOIN document_passages AS passage ON passage.organization_id = $1 AND passage.document_id = $2 AND passage.id = given.id
            ON CONFLICT (passage_id) DO UPDATE SET model = excluded.model, change = excluded.change, vector = excluded.vector
            """, [organization, document, space.Model.Name, change, ids, values], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    public Task<HashSet<Guid>> ListAsync(VectorSpace space, Guid document, CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (space.Organization is not { } organization)
            return await ListSharedAsync(space, cancellationToken);
        await using var transaction = await _database.BeginAsync(organization, cancellationToken);
        return (await transaction.ListAsync("SELECT passage_id FROM passage_vectors WHERE organization_id = $1 AND document_id = $2 AND model = $3",
            [organization, document, space.Model.Name], static row => row.GetGuid(0), cancellationToken)).ToHashSet();
    });

    public Task KeepOnlyAsync(VectorSpace space, Guid document, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Guarded(async () =>
    {
        // An organization's vectors go with their passages, by the foreign key.
        if (space.Organization is null)
            await ExecuteSharedAsync("DELETE FROM knowledge_base_vectors WHERE id <> ALL ($1)", [ids.ToArray()], cancellationToken);
        return true;
    });

    public Task DropAsync(VectorSpace space, CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (space.Organization is not { } organization)
        {
            await ExecuteSharedAsync("DELETE FROM knowledge_base_vectors", [], cancellationToken);
            return true;
        }

        await using var transaction = await _database.BeginAsync(organization, cancellationToken);
        await transaction.ScalarAsync<long>("SELECT next_vector_change()", [], cancellationToken);
        await transaction.ExecuteAsync("DELETE FROM passage_vectors WHERE organization_id = $1", [organization], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    public Task<IReadOnlyList<PassageVector>> ReadAsync(
        VectorSpace space, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (space.Organization is not { } organization)
            return await ReadSharedAsync(space, ids, cancellationToken);
        await using var transaction = await _database.BeginAsync(organization, cancellationToken);
        return (IReadOnlyList<PassageVector>)await transaction.ListAsync(
            "SELECT passage_id, vector FROM passage_vectors WHERE organization_id = $1 AND model = $2 AND passage_id = ANY ($3)",
            [organization, space.Model.Name, ids.ToArray()], ToVector, cancellationToken);
    });

    public Task<IReadOnlyList<VectorHit>> SearchAsync(VectorSpace space, ReadOnlyMemory<float> query, int limit, CancellationToken cancellationToken) => Guarded(async () =>
    {
        long version;
        if (space.Organization is { } organization)
        {
            await using var transaction = await _database.BeginAsync(organization, cancellationToken);
            version = await VersionAsync(transaction, cancellationToken);
        }
        else
        {
            await using var command = _source.CreateCommand("SELECT coalesce(max(change), 0) FROM knowledge_base_vectors");
            version = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        return await _index.SearchAsync(space, query, limit, cancellationToken, version);
    });

    private static Task<long> VersionAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ScalarAsync<long>("SELECT vector_change FROM passage_statistics WHERE organization_id = $1", [transaction.OrganizationId], cancellationToken);

    private async Task<ExactVectors> LoadAsync(VectorSpace space, ExactVectors? older, CancellationToken cancellationToken)
    {
        if (space.Organization is not { } organization)
            return await LoadSharedAsync(space, cancellationToken);

        // One look at the database: the number of the change, the ids and the vectors belong together.
        await using var transaction = await _database.BeginSnapshotAsync(organization, cancellationToken);
        var version = await VersionAsync(transaction, cancellationToken);
        var known = older?.Version ?? -1;
        var current = await transaction.ListAsync("SELECT passage_id, change FROM passage_vectors WHERE organization_id = $1 AND model = $2",
            [organization, space.Model.Name], static row => (Id: row.GetGuid(0), Change: row.GetInt64(1)), cancellationToken);
        var ids = new Guid[current.Count];
        var values = new float[current.Count * space.Model.Dimension];
        var count = 0;
        if (older is not null)
        {
            var unchanged = current.Where(row => row.Change <= known).Select(static row => row.Id).ToHashSet();
            for (var i = 0; i < older.Count; i++)
            {
                if (unchanged.Contains(older.Ids[i]))
                    Add(older.Ids[i], older.VectorOf(i));
            }
        }

        await using (var rows = await transaction.ReadAsync("SELECT passage_id, vector FROM passage_vectors WHERE organization_id = $1 AND model = $2 AND change > $3",
            [organization, space.Model.Name, known], cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
                Add(rows.GetGuid(0), FromBytes(rows.GetFieldValue<byte[]>(1)));
        }

        return new ExactVectors(ids, values, space.Model.Dimension) { Version = version };

        void Add(Guid id, ReadOnlySpan<float> vector)
        {
            if (vector.Length != space.Model.Dimension)
                throw new VectorStoreException($"A vector of {vector.Length} numbers is stored where the model makes {space.Model.Dimension}: run `lexcustis reindex`.");
            ids[count] = id;
            vector.CopyTo(values.AsSpan(count++ * space.Model.Dimension));
        }
    }

    private async Task<ExactVectors> LoadSharedAsync(VectorSpace space, CancellationToken cancellationToken)
    {
        var (ids, values, version) = (new List<Guid>(), new List<float>(), 0L);
        await using var command = _source.CreateCommand("SELECT id, vector, change, model = $1 FROM knowledge_base_vectors");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = space.Model.Name });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            version = Math.Max(version, rows.GetInt64(2));
            if (!rows.GetBoolean(3))
                continue;
            ids.Add(rows.GetGuid(0));
            values.AddRange(FromBytes(rows.GetFieldValue<byte[]>(1)));
        }

        return new ExactVectors([.. ids], [.. values], space.Model.Dimension) { Version = version };
    }

    private async Task<HashSet<Guid>> ListSharedAsync(VectorSpace space, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT id FROM knowledge_base_vectors WHERE model = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = space.Model.Name });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new HashSet<Guid>();
        while (await rows.ReadAsync(cancellationToken))
            ids.Add(rows.GetGuid(0));
        return ids;
    }

    private async Task<IReadOnlyList<PassageVector>> ReadSharedAsync(
        VectorSpace space, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT id, vector FROM knowledge_base_vectors WHERE model = $1 AND id = ANY ($2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = space.Model.Name });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids.ToArray() });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var vectors = new List<PassageVector>();
        while (await rows.ReadAsync(cancellationToken))
            vectors.Add(ToVector(rows));
        return vectors;
    }

    private async Task ExecuteSharedAsync(string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (NpgsqlException failure)
        {
            throw new VectorStoreException($"The vectors in PostgreSQL can't be read or written ({(failure as PostgresException)?.SqlState ?? failure.GetType().Name}).", failure);
        }
    }

    // As it lies in memory: x64 and arm64, all that the product is built for, are little-endian.
    private static byte[] ToBytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static PassageVector ToVector(NpgsqlDataReader row) => new(row.GetGuid(0), FromBytes(row.GetFieldValue<byte[]>(1)).ToArray());

    private static ReadOnlySpan<float> FromBytes(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes);
}
