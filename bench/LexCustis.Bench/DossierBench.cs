using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Bench;

/// <summary>
/// A dossier of a million entries from the binary as it is served, to a file: the most memory that the server ever held (VmHWM), how long it
/// takes, and how long the two checkers take with it.
/// </summary>
internal static class DossierBench
{
    private const int Entries = 1_000_000;
    private const string MasterKey = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    public static async Task RunAsync()
    {
        var entries = int.TryParse(Environment.GetEnvironmentVariable("BENCH_ENTRIES"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : Entries;
        var binary = Environment.GetEnvironmentVariable("LEXCUSTIS_BINARY") ?? throw new InvalidOperationException("LEXCUSTIS_BINARY is not set: run scripts/bench dossier.");
        await using var superuser = Open("BENCH_SUPERUSER_URL");
        if (!MasterKeys.TryParse(MasterKey, out var masterKeys, out var reason))
            throw new InvalidOperationException(reason);

        var folder = Directory.CreateTempSubdirectory("lexcustis-bench-");
        try
        {
            var log = new AuditBench.LogMaker(superuser, masterKeys);
            await log.AppendAsync(entries);
            var key = await AddKeyAsync(superuser, log.Organization);
            using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "key.pem"), signing.ExportPkcs8PrivateKeyPem() + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "public.pem"), signing.ExportSubjectPublicKeyInfoPem() + "\n");
            await MeasureAsync(binary, folder.FullName, key, entries);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(string binary, string folder, string key, int entries)
    {
        var port = FreePort();
        using var server = Start(binary, port, Path.Combine(folder, "key.pem"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        while (await ReadyAsync(http) != HttpStatusCode.OK)
            await Task.Delay(20);
        Say($"{"resident at most, before",-44} {PeakMegabytes(server):N1} MB");

        var path = Path.Combine(folder, "dossier.zip");
        for (var round = 1; round <= 2; round++)
        {
            var watch = Stopwatch.StartNew();
            using var response = await http.GetAsync(new Uri("/api/dossier", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            var first = watch.Elapsed;
            await using (var file = File.Create(path))
                await response.Content.CopyToAsync(file);
            Say($"{$"dossier {round} of {entries:N0} entries",-44} {watch.Elapsed.TotalSeconds:N1} s ({first.TotalSeconds:N1} s to its first byte), {new FileInfo(path).Length / 1e6:N0} MB");
            Say($"{"resident at most, after it",-44} {PeakMegabytes(server):N1} MB");
        }

        server.Kill();
        await server.WaitForExitAsync();
        await CheckAsync(binary, ["verify-dossier", path, "--public-key", Path.Combine(folder, "public.pem")], "verify-dossier");
        using (var unzip = System.IO.Compression.ZipFile.OpenRead(path))
            System.IO.Compression.ZipFileExtensions.ExtractToFile(unzip.GetEntry("verify.py")!, Path.Combine(folder, "verify.py"));
        await CheckAsync("python3", [Path.Combine(folder, "verify.py"), path, "--public-key", Path.Combine(folder, "public.pem")], "verify.py");
    }

    private static async Task CheckAsync(string program, string[] arguments, string name)
    {
        var watch = Stopwatch.StartNew();
        using var check = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var peak = 0.0;
        var output = check.StandardOutput.ReadToEndAsync();
        while (!check.HasExited)
        {
            peak = Math.Max(peak, PeakMegabytes(check));
            await Task.Delay(50);
        }

        if (check.ExitCode != 0)
            throw new InvalidOperationException($"{name}: {await output}");
        Say($"{name,-44} {watch.Elapsed.TotalSeconds:N1} s, {peak:N1} MB at most");
    }

    /// <summary>An auditor's API key in the organization, which has no one else.</summary>
    private static async Task<string> AddKeyAsync(NpgsqlDataSource superuser, Guid organization)
    {
        var (key, person) = (Secrets.Create(Secrets.ApiKeyPrefix), Guid.CreateVersion7());
        await using var command = superuser.CreateCommand($"""
            INSERT INTO users (id, organization_id, email, role, password_hash, created_at) VALUES ('{person}', '{organization}', '{person}@example.org', 'admin', '', now());
            INSERT INTO api_keys (id, organization_id, name, role, prefix, key_hash, created_by, created_at)
            VALUES ('{Guid.CreateVersion7()}', '{organization}', 'bench', 'auditor', 'lxc_', '\x{Convert.ToHexString(Secrets.Hash(key))}', '{person}', now());
            ANALYZE audit_logs;
            """);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
        return key;
    }

    private static Process Start(string binary, int port, string keyFile)
    {
        var info = new ProcessStartInfo(binary) { UseShellExecute = false, RedirectStandardOutput = true };
        info.Environment["LEXCUSTIS_URLS"] = $"http://127.0.0.1:{port}";
        info.Environment["LEXCUSTIS_MASTER_KEYS"] = MasterKey;
        info.Environment["LEXCUSTIS_CHECKPOINT_KEY_FILE"] = keyFile;
        info.Environment["LEXCUSTIS_CHECKPOINT_INTERVAL"] = "24h";
        var process = Process.Start(info)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task<HttpStatusCode?> ReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>VmHWM of /proc, in MB of 10^6 bytes; 0 once the process is gone.</summary>
    private static double PeakMegabytes(Process process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static NpgsqlDataSource Open(string variable)
    {
        var url = Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"{variable} is not set: run scripts/bench dossier.");
        return DatabaseUrl.TryParse(url, out var database, out var reason) ? PostgresServices.Open(database) : throw new InvalidOperationException(reason);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Say(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
