using System.Diagnostics;

namespace LexCustis.Tests.Harness;

/// <summary><c>scripts/verify-proof.py</c>, which shares nothing with the product but the formats' descriptions.</summary>
internal static class VerifyProof
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "verify-proof.py");

    /// <param name="texts">Options whose values are files' contents, the first without a name: the text to check.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(string what, (string Option, string Content)[] texts, params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("lexcustis-");
        try
        {
            List<string> arguments = [Program, what];
            foreach (var (option, content) in texts)
            {
                var file = Path.Combine(folder.FullName, $"text{arguments.Count}");
                await File.WriteAllTextAsync(file, content);
                arguments.AddRange(option.Length > 0 ? [option, file] : [file]);
            }

            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var python = Process.Start(new ProcessStartInfo("python3", [.. arguments, .. more]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (python.StandardOutput.ReadToEndAsync(patience.Token), python.StandardError.ReadToEndAsync(patience.Token));
            await python.WaitForExitAsync(patience.Token);
            Assert.Equal("", await error);
            return (python.ExitCode, await output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task AssertHoldsAsync(string what, (string Option, string Content)[] texts, params string[] more)
    {
        var (exit, output) = await RunAsync(what, texts, more);
        Assert.True(exit == 0, output);
    }
}
