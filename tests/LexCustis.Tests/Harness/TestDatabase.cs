using System.Diagnostics;
using Npgsql;

namespace LexCustis.Tests.Harness;

/// <summary>
/// A database of a test's own on the real PostgreSQL that scripts/test started: migrated once by the native binary, then copied. It has three
/// doors: the application role (as the server uses it), the owner, and the superuser (as an attacker would have it).
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MigrateTemplateAsync);
    private static readonly string Superuser = Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_POSTGRES_URL")
        ?? throw new InvalidOperationException("LEXCUSTIS_TEST_POSTGRES_URL is not set: run the tests by `make test` (scripts/test), which starts PostgreSQL for them.");

    private TestDatabase(string name) => Name = name;

    public string Name { get; }

    /// <summary>As psql and LEXCUSTIS_DATABASE_URL take it.</summary>
    public string ApplicationUrl => Url("lexcustis", Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_APP_PASSWORD")!);

    public string OwnerUrl => Url("lexcustis_owner", Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_OWNER_PASSWORD")!);

    /// <summary>A migrated database.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        var database = new TestDatabase($"test_{Guid.CreateVersion7():N}");
        await ExecuteOnServerAsync($"CREATE DATABASE {database.Name} TEMPLATE {await Template.Value} OWNER lexcustis_owner");
        return database;
    }

    /// <summary>A copy of it as it is, which nobody may be connected to meanwhile: what a backup would be.</summary>
    public static async Task<TestDatabase> CopyAsync(TestDatabase original)
    {
        var copy = new TestDatabase($"copy_{Guid.CreateVersion7():N}");
        await ExecuteOnServerAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original.Name}'");
        await ExecuteOnServerAsync($"CREATE DATABASE {copy.Name} TEMPLATE {original.Name} OWNER lexcustis_owner");
        return copy;
    }

    /// <summary>A database with nothing in it, for tests of migration.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync()
    {
        var database = new TestDatabase($"empty_{Guid.CreateVersion7():N}");
        await ExecuteOnServerAsync($"CREATE DATABASE {database.Name} OWNER lexcustis_owner");
        return database;
    }

    /// <summary>Npgsql's own form of a URL above, or of the superuser's when none is given.</summary>
    public string ConnectionString(string? url = null)
    {
        return global::LexCustis.Infrastructure.Postgres.DatabaseUrl.TryParse(url ?? Url(null, null), out var parsed, out var reason)
            ? parsed.ConnectionString + ";Pooling=false"
            : throw new InvalidOperationException(reason);
    }

    /// <summary>Runs statements as the superuser: what an attacker with the database could do.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString(), sql);

    /// <summary>Runs statements as the role of <paramref name="connectionString"/>.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync() => await ExecuteOnServerAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");

    private static async Task<string> MigrateTemplateAsync()
    {
        var template = new TestDatabase($"template_{Guid.CreateVersion7():N}");
        await ExecuteOnServerAsync($"CREATE DATABASE {template.Name} OWNER lexcustis_owner");
        var migration = await Binary.RunAsync(["migrate"], new() { ["LEXCUSTIS_MIGRATION_DATABASE_URL"] = template.OwnerUrl });
        Trace.Assert(migration.ExitCode == 0, migration.Output + migration.Error);
        return template.Name;
    }

    private static Task ExecuteOnServerAsync(string sql) => ExecuteAsync(new TestDatabase("postgres").ConnectionString(), sql);

    /// <summary>The superuser's URL with another database, and another user if one is named.</summary>
    private string Url(string? user, string? password)
    {
        var builder = new UriBuilder(Superuser) { Path = "/" + Name };
        if (user is not null)
            (builder.UserName, builder.Password) = (user, Uri.EscapeDataString(password!));
        return builder.Uri.ToString();
    }
}
