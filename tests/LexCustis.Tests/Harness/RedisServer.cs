using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LexCustis.Infrastructure.Redis;

namespace LexCustis.Tests.Harness;

/// <summary>A private redis-server on a free port of 127.0.0.1, with an empty folder of its own; both are gone after disposal.</summary>
internal sealed partial class RedisServer : IAsyncDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("lexcustis-redis-").FullName;
    private readonly string _binary;
    private readonly string? _password;
    private readonly bool _tls;
    private Process? _process;

    private RedisServer(string binary, string? password, bool tls) => (_binary, _password, _tls) = (binary, password, tls);

    public int Port { get; private set; }

    public RedisUrl Url => RedisUrl.Parse(UrlText);

    public string UrlText => _tls
        ? $"rediss://{Credentials}localhost:{Port}?ca={Uri.EscapeDataString(Authority)}"
        : $"redis://{Credentials}127.0.0.1:{Port}";

    public string Authority => Path.Combine(_folder, "ca.pem");

    private string Credentials => _password is null ? "" : $":{Uri.EscapeDataString(_password)}@";

    public static async Task<RedisServer> StartAsync(string? password = null, bool tls = false)
    {
        var server = new RedisServer(Binary(), password, tls);
        if (tls) server.WriteCertificate();

        // A port found free may be taken before the server binds it.
        for (var attempt = 1; ; attempt++)
        {
            server.Port = FreePort();
            try
            {
                await server.LaunchAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
            }
        }
    }

    /// <summary>SIGKILL; what was not saved is lost.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Starts again on the same port, with what a SAVE has left.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await LaunchAsync();
    }

    /// <summary>The kernel goes on accepting connections and bytes; nothing answers.</summary>
    public void Pause() => Signal(SigStop);

    public void Resume() => Signal(SigContinue);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Signal(int signal)
    {
        if (Kill(_process!.Id, signal) != 0) throw new InvalidOperationException("kill() failed.");
    }

    private async Task LaunchAsync()
    {
        var start = new ProcessStartInfo(_binary) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, "--daemonize", "no",
            .. _tls
                ? new[]
                {
                    "--port", "0", "--tls-port", $"{Port}", "--tls-auth-clients", "no", "--tls-ca-cert-file", Authority,
                    "--tls-cert-file", Path.Combine(_folder, "server.pem"), "--tls-key-file", Path.Combine(_folder, "server.key"),
                }
                : ["--port", $"{Port}"],
            .. _password is null ? [] : new[] { "--requirepass", _password },
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        _process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_startLimit);
        var output = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            output.Add(line);
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;

            // Drained for good, or the server would block on a full pipe.
            _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
            return;
        }

        await KillAsync();
        throw new InvalidOperationException("redis-server did not start: " + string.Join('\n', output));
    }

    private static string Binary()
    {
        if (Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_REDIS_SERVER") is { Length: > 0 } named) return named;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                "These tests need redis-server: apt-get install redis-server, or name the binary in LEXCUSTIS_TEST_REDIS_SERVER.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A throw-away authority, and a certificate for localhost that it signed.</summary>
    private void WriteCertificate()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=LexCustis test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);

        File.WriteAllText(Authority, authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
