using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Commands;

/// <summary>Brings the database to this binary's schema and knowledge base, as the owner role.</summary>
internal static class Migrate
{
    public static async Task<int> RunAsync(EnvironmentReader environment)
    {
        await using var owner = PostgresServices.Open(Settings.ReadDatabase(environment, Settings.MigrationDatabaseVariable));
        await Migrator.RunAsync(owner, Console.Out.WriteLine, CancellationToken.None);
        Console.Out.WriteLine($"schema version {Schema.Version}");
        return CommandLine.Fine;
    }
}
