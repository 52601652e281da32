using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>The numbered files of <c>sql/</c>, as they were when this binary was built, and what a database has of them.</summary>
internal static class Schema
{
    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } = ReadMigrations();

    public static int Version => Migrations[^1].Version;

    /// <summary>Whether this binary and that database belong together.</summary>
    /// <returns>Null when they do; otherwise one line that says what to do.</returns>
    public static async Task<string?> FindMismatchAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = source.CreateCommand("SELECT coalesce(max(version), 0), coalesce(max(version) FILTER (WHERE breaking), 0) FROM schema_migrations");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var (newest, newestBreaking) = (reader.GetInt32(0), reader.GetInt32(1));
            if (newest < Version)
                return $"The database schema is at version {newest}, this binary needs {Version}: run `lexcustis migrate`.";
            if (newestBreaking > Version)
                return $"The database schema is at version {newest} and breaks with version {Version} that this binary knows: run the newer binary.";
            return null;
        }
        catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            return "The database has no LexCustis schema that this role may read: run `lexcustis migrate`.";
        }
    }

    private static List<Migration> ReadMigrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith("sql/", StringComparison.Ordinal))
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            migrations.Add(Migration.Parse(resource["sql/".Length..], reader.ReadToEnd()));
        }

        migrations.Sort(static (left, right) => left.Version.CompareTo(right.Version));
        return migrations;
    }
}

/// <summary>One file of <c>sql/</c>: <c>0001_name.sql</c>, whose first line is <c>-- breaking: yes</c> or <c>-- breaking: no</c>.</summary>
/// <param name="Breaking">True when a binary that does not know this version must not run on it.</param>
internal sealed record Migration(int Version, string Name, bool Breaking, string Sql)
{
    /// <summary>SHA-256 of the file: a file that changes after it ran is a mistake.</summary>
    public byte[] Digest { get; } = SHA256.HashData(Encoding.UTF8.GetBytes(Sql));

    public static Migration Parse(string fileName, string sql)
    {
        var underscore = fileName.IndexOf('_');
        var breaking = sql.StartsWith("-- breaking: yes\n", StringComparison.Ordinal);
        if (!breaking && !sql.StartsWith("-- breaking: no\n", StringComparison.Ordinal))
            throw new InvalidDataException($"sql/{fileName} does not begin with '-- breaking: yes' or '-- breaking: no'.");
        return new Migration(int.Parse(fileName.AsSpan(0, underscore)), fileName[(underscore + 1)..^".sql".Length], breaking, sql);
    }
}
