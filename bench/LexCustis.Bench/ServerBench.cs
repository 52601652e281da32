using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace LexCustis.Bench;

/// <summary>The native binary as its operator sees it: size, time from exec to the first 200, memory idle and after 1,000 turns.</summary>
internal static class ServerBench
{
    private const int Starts = 15;
    private const int Turns = 1_000;
    private const int Callers = 8;

    public static async Task RunAsync()
    {
        var binary = BenchServer.Binary;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"binary",-44} {new FileInfo(binary).Length / 1e6:N1} MB"));

        var alive = new Figures("exec to the first 200 of /healthz", "ms");
        var ready = new Figures("exec to the first 200 of /readyz", "ms");
        for (var start = 0; start < Starts; start++)
        {
            foreach (var (path, figures) in new[] { ("/healthz", alive), ("/readyz", ready) })
            {
                using var server = BenchServer.Start(binary);
                figures.Add(await server.UntilFirstOkAsync(path));
            }
        }

        alive.Print();
        ready.Print();
        await MeasureMemoryAsync(binary);
    }

    private static async Task MeasureMemoryAsync(string binary)
    {
        using var server = BenchServer.Start(binary);
        await server.UntilFirstOkAsync("/readyz");
        using var http = new HttpClient { BaseAddress = server.Address };
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"resident, idle",-44} {ResidentMegabytes(server.Process):N1} MB"));

        var token = await BenchServer.RegisterAsync(http);
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
    }

    /// <summary>VmRSS of /proc, in MB of 10^6 bytes.</summary>
    private static double ResidentMegabytes(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
