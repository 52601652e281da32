using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace LexCustis.Bench;

/// <summary>The product's binary, started on a port of its own; killed when it is disposed of.</summary>
internal sealed class BenchServer : IDisposable
{
    private readonly Stopwatch started;
    private readonly int port;

    private BenchServer(Process process, Stopwatch watch, int free) => (Process, started, port) = (process, watch, free);

    /// <summary>The one to measure.</summary>
    public static string Binary => Environment.GetEnvironmentVariable("LEXCUSTIS_BINARY") ?? throw new InvalidOperationException("LEXCUSTIS_BINARY is not set: run `make bench`.");

    public Process Process { get; }

    public Uri Address => new($"http://127.0.0.1:{port}");

    public static BenchServer Start(string binary)
    {
        var free = FreePort();
        var info = new ProcessStartInfo(binary) { UseShellExecute = false, RedirectStandardOutput = true };
        info.Environment["LEXCUSTIS_URLS"] = $"http://127.0.0.1:{free}";
        info.Environment["RATE_LIMIT_PER_MINUTE"] = "1000000";
        info.Environment["ORG_DAILY_CHAT_CAP"] = "1000000";
        var watch = Stopwatch.StartNew();
        var process = Process.Start(info)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new BenchServer(process, watch, free);
    }

    /// <summary>Raw sockets and a tight loop: the asking must not take longer than the answer.</summary>
    /// <returns>Milliseconds since the start.</returns>
    public async Task<double> UntilFirstOkAsync(string path)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var answer = new byte[64];
        while (started.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                await socket.SendAsync(request);
                var read = await socket.ReceiveAsync(answer);
                if (Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    return started.Elapsed.TotalMilliseconds;
            }
            catch (SocketException)
            {
                await Task.Delay(1);
            }
        }

        throw new TimeoutException("The server did not answer in 30 s.");
    }

    /// <returns>The access token of a new organization's admin.</returns>
    public static async Task<string> RegisterAsync(HttpClient http)
    {
        using var body = new StringContent($$"""{"organization_name":"Bench","email":"bench-{{Guid.CreateVersion7()}}@example.org","password":"a long enough password"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/api/auth/register", UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("access_token").GetString()!;
    }

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
