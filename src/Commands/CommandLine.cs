using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Commands;

/// <summary>What the binary does besides serving. Exit codes: 0 fine, 1 a check failed, 2 wrong use.</summary>
internal static class CommandLine
{
    public const int Fine = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;

    private const string Usage = """
        usage: lexcustis                                    serve
               lexcustis migrate                            bring the database to this binary's schema
               lexcustis seed-demo                          create the demo organization if it is missing
               lexcustis verify-audit [--organization ID] [--anchors DIR]
                                                            verify one organization's log, or all of them, against the
                                                            checkpoints in the database and in a directory of anchors
               lexcustis reindex [--organization ID]        embed one organization's documents anew, or all and the knowledge base
               lexcustis verify-dossier FILE [--public-key PEM]
                                                            check a dossier, without a server or a database
               lexcustis --version
        """;

    /// <returns>The exit code; null when the arguments ask to serve.</returns>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case []:
                    return null;
                case ["--version"]:
                    Console.Out.WriteLine($"lexcustis {Product.Version}");
                    return Fine;
                case ["--help" or "-h" or "help"]:
                    Console.Out.WriteLine(Usage);
                    return Fine;
                case ["migrate"]:
                    return await Migrate.RunAsync(EnvironmentReader.OfProcess);
                case ["seed-demo"]:
                    return await SeedDemo.RunAsync(EnvironmentReader.OfProcess);
                case ["verify-audit", .. var options]:
                    return await VerifyAudit.RunAsync(EnvironmentReader.OfProcess, options);
                case ["reindex", .. var options]:
                    return await Reindex.RunAsync(EnvironmentReader.OfProcess, options);
                case ["verify-dossier", .. var options]:
                    return VerifyDossier.Run(options);
                default:
                    return Complain($"'{string.Join(' ', arguments)}' is not a command.\n{Usage}", WrongUse);
            }
        }
        catch (SettingException wrong)
        {
            return Complain(wrong.Message, WrongUse);
        }
        catch (MigrationException wrong)
        {
            return Complain(wrong.Message, Failed);
        }
        catch (PostgresException refused)
        {
            return Complain($"PostgreSQL refused: {refused.SqlState} {refused.MessageText}", Failed);
        }
        catch (NpgsqlException away)
        {
            return Complain($"PostgreSQL cannot be reached: {away.InnerException?.Message ?? away.Message}", Failed);
        }
    }

    public static int Complain(string message, int exit)
    {
        Console.Error.WriteLine($"lexcustis: {message}");
        return exit;
    }
}
