using System.Diagnostics;
using LexCustis.Infrastructure.Documents.Extraction;

namespace LexCustis.Tests.Infrastructure.Documents;

/// <summary>What a PDF that took over its reader would find: other programs in the reader's place look around.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task It_holds_nothing_but_the_reader_and_its_libraries()
    {
        var (_, root) = await RunAsync("/usr/bin/ls", "-A", "/");
        Assert.Subset(new HashSet<string>(["etc", "lib", "lib64", "usr"]), new HashSet<string>(root.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("ld.so.cache", (await RunAsync("/usr/bin/ls", "-A", "/etc")).Output.Trim());
        Assert.Equal("ls", (await RunAsync("/usr/bin/ls", "-A", "/usr/bin")).Output.Trim());
        Assert.DoesNotContain("LEXCUSTIS", (await RunAsync("/usr/bin/env")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH", (await RunAsync("/usr/bin/env")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_lets_nothing_be_written_and_nobody_be_anyone()
    {
        Assert.NotEqual(0, (await RunAsync("/usr/bin/touch", "/usr/lib/here")).ExitCode);
        Assert.NotEqual(0, (await RunAsync("/usr/bin/touch", "/etc/ld.so.cache")).ExitCode);
        Assert.NotEqual(0, (await RunAsync("/usr/bin/touch", "/here")).ExitCode);
        Assert.Equal("65534", (await RunAsync("/usr/bin/id", "-u")).Output.Trim());
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        if (!File.Exists("/usr/bin/bwrap"))
            Assert.Skip("bubblewrap is not installed.");
        var sandbox = PdfText.SandboxArguments(program);
        using var process = Process.Start(new ProcessStartInfo(sandbox[0], [.. sandbox.Skip(1), program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if ((await error).StartsWith("bwrap:", StringComparison.Ordinal))
            Assert.Skip("This system lets its user have no namespaces.");
        return (process.ExitCode, await output);
    }
}
