using LexCustis.Features.Dossier;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Commands;

/// <summary>Checks a dossier's file without a server or a database: exit 0 when nothing is wrong, 1 when anything is.</summary>
internal static class VerifyDossier
{
    public static int Run(string[] options)
    {
        var (path, keyPath) = options switch
        {
            [var file] => (file, null),
            [var file, "--public-key", var pem] => (file, pem),
            ["--public-key", var pem, var file] => (file, pem),
            _ => (null, null),
        };
        if (path is null || path.StartsWith("--", StringComparison.Ordinal))
            return CommandLine.Complain("verify-dossier takes a file, and --public-key with the log's public key in PEM.", CommandLine.WrongUse);

        try
        {
            CheckpointKeys? keys = null;
            if (keyPath is not null && !CheckpointKeys.TryParse(File.ReadAllText(keyPath), out keys, out var reason))
                return CommandLine.Complain($"{keyPath}: {reason}", CommandLine.WrongUse);
            using var file = File.OpenRead(path);
            return Print(DossierCheck.Run(file, keys), keyPath is not null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return CommandLine.Complain(unreadable.Message, CommandLine.WrongUse);
        }
    }

    private static int Print(DossierCheck check, bool given)
    {
        foreach (var finding in check.Findings)
            Console.Out.WriteLine(finding);
        if (check.Manifest is { } manifest)
        {
            Console.Out.WriteLine($"organization  {manifest.Organization}");
            Console.Out.WriteLine($"entries       {manifest.Last - manifest.First + 1} ({manifest.First} to {manifest.Last})");
        }

        if (check.Checkpoint is { } checkpoint)
            Console.Out.WriteLine($"checkpoint    {checkpoint.Size} entries, root {Convert.ToBase64String(checkpoint.Root)}");
        if (check.Keys is { } keys)
            Console.Out.WriteLine($"key           SHA-256 {Convert.ToHexStringLower(keys.Fingerprint)} ({(given ? "given" : "from the dossier itself: compare it with one that you know")})");
        Console.Out.WriteLine(check.Findings.Count == 0 ? "clean" : $"NOT CLEAN: {check.Findings.Count} findings");
        return check.Findings.Count == 0 ? CommandLine.Fine : CommandLine.Failed;
    }
}
