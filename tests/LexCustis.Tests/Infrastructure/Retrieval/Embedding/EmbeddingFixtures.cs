using System.Diagnostics;
using LexCustis.Infrastructure.Retrieval.Embedding;

namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

/// <summary>What the tests of embeddings need from outside; a missing piece fails them by name.</summary>
internal static class EmbeddingFixtures
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Infrastructure", "Retrieval", "Embedding", "Fixtures");

    public static string Corpus => Path.Combine(Folder, "corpus.txt");

    /// <summary>Made from the corpus by train.sh; its normaliser is XLM-RoBERTa's.</summary>
    public static string TinyModel => Path.Combine(Folder, "tiny-xlmr.model");

    public static UnigramTokenizer Tokenizer() => UnigramTokenizer.Load(TinyModel);

    public static string NewFolder() => Directory.CreateTempSubdirectory("lexcustis-embedding-").FullName;

    /// <summary>What Debian's <c>spm_encode</c> makes of a file of lines.</summary>
    public static List<int[]> SpmEncode(string model, string lines)
    {
        var ids = Run("spm_encode", $"--model={model}", "--output_format=id", $"--input={lines}");
        return [.. ids.TrimEnd('\n').Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())];
    }

    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program} is missing: run scripts/setup-embeddings", e);
        }

        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {errors.Result}");
        }
    }
}
