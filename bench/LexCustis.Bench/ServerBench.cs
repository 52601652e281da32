using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace LexCustis.Bench;

/// <summary>The native binary as its operator sees it: size, time from exec to the first 200, memory idle and after 1,000 turns.</summary>
internal static class ServerBench
{
    private const int Starts = 15;
    private const int Turns = 1_000;
    private const int Callers = 8;

    public static async Task RunAsync()
    {
        var binary = Environment.GetEnvironmentVariable("LEXCUSTIS_BINARY") ?? throw new InvalidOperationException("LEXCUSTIS_BINARY is not set: run `make bench`.");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"binary",-44} {new FileInfo(binary).Length / 1e6:N1} MB"));

        var alive = new Figures("exec to the first 200 of /healthz", "ms");
        var ready = new Figures("exec to the first 200 of /readyz", "ms");
        for (var start = 0; start < Starts; start++)
        {
            foreach (var (path, figures) in new[] { ("/healthz", alive), ("/readyz", ready) })
            {
                using var server = Start(binary, out var port);
                figures.Add(await UntilFirstOkAsync(server.Watch, port, path));
                server.Process.Kill();
                await server.Process.WaitForExitAsync();
            }
        }

        alive.Print();
        ready.Print();
        await MeasureMemoryAsync(binary);
    }

    private static async Task MeasureMemoryAsync(string binary)
    {
        using var server = Start(binary, out var port);
        await UntilFirstOkAsync(server.Watch, port, "/readyz");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"resident, idle",-44} {ResidentMegabytes(server.Process):N1} MB"));

        var token = await RegisterAsync(http);
        var watch = Stopwatch.StartNew();
        var latencies = new System.Collections.Concurrent.ConcurrentBag<double>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Turns), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (turn, cancellation) =>
        {
            var before = watch.Elapsed;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat")
            {
                Content = new StringContent("""{"message":"How long must providers of high-risk AI systems keep the logs?"}""", Encoding.UTF8, "application/json"),
                Headers = { { "Authorization", $"Bearer {token}" } },
            };
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (response.StatusCode != HttpStatusCode.OK || !text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal))
                throw new InvalidOperationException($"turn {turn}: {(int)response.StatusCode} {text}");
            latencies.Add((watch.Elapsed - before).TotalMilliseconds);
        });
        var sorted = latencies.Order().ToList();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{$"{Turns} extractive turns, {Callers} at once",-44} {Turns / watch.Elapsed.TotalSeconds:N0} turns/s, median {sorted[sorted.Count / 2]:N1} ms, p99 {sorted[sorted.Count * 99 / 100]:N1} ms"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"resident, after them",-44} {ResidentMegabytes(server.Process):N1} MB"));
        server.Process.Kill();
    }

    private static RunningServer Start(string binary, out int port)
    {
        port = FreePort();
        var info = new ProcessStartInfo(binary) { UseShellExecute = false, RedirectStandardOutput = true };
        info.Environment["LEXCUSTIS_URLS"] = $"http://127.0.0.1:{port}";
        info.Environment["RATE_LIMIT_PER_MINUTE"] = "1000000";
        info.Environment["ORG_DAILY_CHAT_CAP"] = "1000000";
        var watch = Stopwatch.StartNew();
        var process = Process.Start(info)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new RunningServer(process, watch);
    }

    /// <summary>Raw sockets and a tight loop: the asking must not take longer than the answer.</summary>
    private static async Task<double> UntilFirstOkAsync(Stopwatch watch, int port, string path)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var answer = new byte[64];
        while (watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                await socket.SendAsync(request);
                var read = await socket.ReceiveAsync(answer);
                if (Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    return watch.Elapsed.TotalMilliseconds;
            }
            catch (SocketException)
            {
                await Task.Delay(1);
            }
        }

        throw new TimeoutException("The server did not answer in 30 s.");
    }

    private static async Task<string> RegisterAsync(HttpClient http)
    {
        using var body = new StringContent($$"""{"organization_name":"Bench","email":"bench-{{Guid.CreateVersion7()}}@example.org","password":"a long enough password"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/api/auth/register", UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>VmRSS of /proc, in MB of 10^6 bytes.</summary>
    private static double ResidentMegabytes(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record RunningServer(Process Process, Stopwatch Watch) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }
}
