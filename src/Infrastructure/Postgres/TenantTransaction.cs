using Npgsql;
using NpgsqlTypes;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>A transaction inside one organization. Disposed without a commit, it leaves nothing behind.</summary>
internal sealed class TenantTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid organization) : IAsyncDisposable
{
    private bool holdsChain;

    public Guid OrganizationId { get; } = organization;

    /// <summary>Runs one statement.</summary>
    /// <param name="parameters">For <c>$1</c>, <c>$2</c> …; null is SQL NULL, a stream is <c>bytea</c>, sent as it is read from where it stands.</param>
    /// <returns>The rows it touched.</returns>
    public async Task<int> ExecuteAsync(string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>The first column of the first row; default without a row or when it is NULL.</returns>
    public async Task<T?> ScalarAsync<T>(string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !reader.IsDBNull(0) ? reader.GetFieldValue<T>(0) : default;
    }

    /// <returns>The first row as <paramref name="read"/> makes it; default without one.</returns>
    public async Task<T?> FirstAsync<T>(string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
    }

    public async Task<List<T>> ListAsync<T>(string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>For reading many rows one by one; the reader must be disposed before the next statement.</summary>
    public async Task<NpgsqlDataReader> ReadAsync(string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteReaderAsync(cancellationToken);
    }

    /// <summary>The rows of a query in PostgreSQL's binary COPY format, the fastest way out of it; the stream must be disposed before the next statement.</summary>
    /// <param name="sql">A COPY takes no parameters: this is made of the product's own text, ids and numbers alone.</param>
    public async Task<Stream> CopyAsync(string sql, CancellationToken cancellationToken)
    {
        ThrowIfChainTaken();
        return await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
    }

    /// <summary>Lets other transactions see the database as this one does: <see cref="TenantDatabase.BeginSnapshotAsync(Guid, string, CancellationToken)"/>. Good while this one is open.</summary>
    public async Task<string> ExportSnapshotAsync(CancellationToken cancellationToken) => (await ScalarAsync<string>("SELECT pg_export_snapshot()", [], cancellationToken))!;

    /// <summary>For the chain's writer alone: hands over the connection. Nothing may follow it in this transaction but the commit.</summary>
    public NpgsqlConnection TakeChain()
    {
        ThrowIfChainTaken();
        holdsChain = true;
        return connection;
    }

    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, object?[] parameters)
    {
        ThrowIfChainTaken();
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter is Stream ? new NpgsqlParameter { Value = parameter, NpgsqlDbType = NpgsqlDbType.Bytea } : new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        return command;
    }

    private void ThrowIfChainTaken()
    {
        if (holdsChain)
            throw new InvalidOperationException("The audit entry is a transaction's last statement: it holds the organization's chain lock.");
    }
}
