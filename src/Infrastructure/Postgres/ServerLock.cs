using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>
/// What only one server at a time may do. The lock is a transaction's, so that it ends with the process that holds it, and so that a
/// connection pooler between does no harm.
/// </summary>
internal sealed class ServerLock : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private ServerLock(NpgsqlConnection connection, NpgsqlTransaction transaction) => (this.connection, this.transaction) = (connection, transaction);

    /// <returns>Null when another server has it.</returns>
    public static async Task<ServerLock?> TryTakeAsync(NpgsqlDataSource source, string name, CancellationToken cancellationToken)
    {
        var open = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            var begun = await open.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", open, begun);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
                return new ServerLock(open, begun);

            await open.DisposeAsync();
            return null;
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
