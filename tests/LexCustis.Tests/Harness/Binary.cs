using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LexCustis.Tests.Harness;

/// <summary>The native binary as a process.</summary>
public sealed class Binary : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> log = new();

    private Binary(Process process) => this.process = process;

    public static string Path { get; } = Environment.GetEnvironmentVariable("LEXCUSTIS_BINARY")
        ?? throw new InvalidOperationException("LEXCUSTIS_BINARY is not set: run the tests by `make test` (scripts/test), which builds the binary for them.");

    /// <summary>Everything it wrote so far, to either stream.</summary>
    public string Log => string.Join('\n', log);

    public bool HasExited => process.HasExited;

    public int Id => process.Id;

    /// <summary>Runs a command to its end; 60 s at most.</summary>
    /// <param name="environment">All that it gets: nothing of this process's own environment but PATH.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, Dictionary<string, string> environment)
    {
        using var command = Process.Start(Describe(arguments, environment))!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = command.StandardOutput.ReadToEndAsync(patience.Token);
        var error = command.StandardError.ReadToEndAsync(patience.Token);
        await command.WaitForExitAsync(patience.Token);
        return (command.ExitCode, await output, await error);
    }

    /// <summary>Starts it without waiting for anything.</summary>
    public static Binary Start(string[] arguments, Dictionary<string, string> environment)
    {
        var binary = new Binary(new Process { StartInfo = Describe(arguments, environment) });
        binary.process.OutputDataReceived += (_, line) => binary.Keep(line.Data);
        binary.process.ErrorDataReceived += (_, line) => binary.Keep(line.Data);
        binary.process.Start();
        binary.process.BeginOutputReadLine();
        binary.process.BeginErrorReadLine();
        return binary;
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>SIGKILL: no last words.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and wait for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
            _ = SendSignal(process.Id, 15);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private static ProcessStartInfo Describe(string[] arguments, Dictionary<string, string> environment)
    {
        var info = new ProcessStartInfo(Path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment.Clear();
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        return info;
    }

    private void Keep(string? line)
    {
        if (line is not null)
            log.Enqueue(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
