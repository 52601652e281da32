using LexCustis.Infrastructure.Retrieval;
using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>Brings a database to this binary's schema and knowledge base, as the owner role. Run twice, or by two processes at once, it does no harm.</summary>
internal static class Migrator
{
    /// <summary>Held by the connection from the first look to the last commit, so that a second process waits and then finds nothing to do.</summary>
    private const long LockKey = 0x6c65786375737469; // "lexcusti"

    /// <param name="say">Takes one line a step.</param>
    /// <exception cref="MigrationException">The database cannot be brought there; the message says what to do.</exception>
    public static async Task RunAsync(NpgsqlDataSource owner, Action<string> say, CancellationToken cancellationToken)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, null, "SELECT pg_advisory_lock($1)", [LockKey], cancellationToken);
        await RequireApplicationRoleAsync(connection, cancellationToken);
        await ExecuteAsync(connection, null, """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY, name text NOT NULL, breaking boolean NOT NULL, digest bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """, [], cancellationToken);

        var applied = await ReadAppliedAsync(connection, cancellationToken);
        foreach (var (version, name) in applied.Where(row => row.Value.Breaking && row.Key > Schema.Version).Select(row => (row.Key, row.Value.Name)))
            throw new MigrationException($"The database is at version {version} ({name}), newer than this binary's {Schema.Version} and not compatible with it: run the newer binary.");

        foreach (var migration in Schema.Migrations)
        {
            if (applied.TryGetValue(migration.Version, out var known))
            {
                if (!known.Digest.AsSpan().SequenceEqual(migration.Digest))
                    throw new MigrationException($"Migration {migration.Version} ({migration.Name}) was applied from another text than this binary has: add a new migration instead of changing an old one.");
                continue;
            }

            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // The row comes first: whoever looks on sees a migration begin before anything it does.
            await ExecuteAsync(connection, transaction, "INSERT INTO schema_migrations (version, name, breaking, digest) VALUES ($1, $2, $3, $4)",
                [migration.Version, migration.Name, migration.Breaking, migration.Digest], cancellationToken);
            await ExecuteAsync(connection, transaction, migration.Sql, [], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            say($"migrated to {migration.Version} ({migration.Name})");
        }

        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            var pages = await KnowledgeBase.ReplaceAsync(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (pages > 0)
                say($"knowledge base: {pages} pages");
        }
    }

    private static async Task RequireApplicationRoleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'lexcustis'", connection);
        switch (await command.ExecuteScalarAsync(cancellationToken))
        {
            case null:
                throw new MigrationException("The role lexcustis does not exist: create the roles first, as scripts/roles.sql shows.");
            case true:
                throw new MigrationException("The role lexcustis is a superuser or bypasses row-level security: organizations would not be apart. Create it as scripts/roles.sql shows.");
        }
    }

    private static async Task<Dictionary<int, (string Name, bool Breaking, byte[] Digest)>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT version, name, breaking, digest FROM schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new Dictionary<int, (string, bool, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetBoolean(2), reader.GetFieldValue<byte[]>(3)));
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

internal sealed class MigrationException(string message) : Exception(message);
