using System.Net;
using System.Text;

namespace LexCustis.Tests.Harness;

/// <summary>A server of the native binary with a database of its own, on a free port.</summary>
public sealed class LexCustisServer : IAsyncDisposable
{
    /// <summary>The master key of every test server, known to tests that recompute the chain.</summary>
    public const string MasterKeys = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly bool ownsDatabase;

    private LexCustisServer(Binary process, TestDatabase database, Dictionary<string, string> environment, bool ownsDatabase)
    {
        Process = process;
        Database = database;
        Environment = environment;
        this.ownsDatabase = ownsDatabase;
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { BaseAddress = new Uri(environment["LEXCUSTIS_URLS"]), Timeout = TimeSpan.FromSeconds(60) };
    }

    public Binary Process { get; }

    public TestDatabase Database { get; }

    /// <summary>The settings it runs with: for a second server on the same database, or a command.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>Without any token.</summary>
    public HttpClient Http { get; }

    /// <param name="settings">Added to, or replacing, what every test server has; an empty value removes.</param>
    /// <param name="database">Another server's database; by default a new one.</param>
    public static async Task<LexCustisServer> StartAsync(Dictionary<string, string>? settings = null, TestDatabase? database = null)
    {
        var own = database is null;
        database ??= await TestDatabase.CreateAsync();
        var environment = DefaultEnvironment(database);
        foreach (var (name, value) in settings ?? [])
        {
            if (value.Length > 0)
                environment[name] = value;
            else
                environment.Remove(name);
        }

        var server = new LexCustisServer(Binary.Start([], environment), database, environment, own);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public static Dictionary<string, string> DefaultEnvironment(TestDatabase database) => new()
    {
        ["LEXCUSTIS_DATABASE_URL"] = database.ApplicationUrl,
        ["LEXCUSTIS_MASTER_KEYS"] = MasterKeys,
        ["LEXCUSTIS_JWT_SECRET"] = "a-secret-for-tests-alone-of-forty-eight-bytes-..",
        ["LEXCUSTIS_URLS"] = $"http://127.0.0.1:{Binary.FreePort()}",
        ["LEXCUSTIS_REDIS_URL"] = System.Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_REDIS_URL")!,
        // All tests come from one address.
        ["RATE_LIMIT_PER_MINUTE"] = "1000000",
        ["ORG_DAILY_CHAT_CAP"] = "100000",
    };

    /// <summary>Waits until the server has written that, wherever in its log.</summary>
    public Task WaitForLogAsync(string text) => Waiting.ForAsync(() => Task.FromResult(Process.Log.Contains(text, StringComparison.Ordinal) ? text : null), $"'{text}' in the server's log");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
        if (ownsDatabase)
            await Database.DisposeAsync();
    }

    private async Task WaitUntilReadyAsync()
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromSeconds(30))
        {
            if (Process.HasExited)
                throw new InvalidOperationException($"The server ended before it was ready:\n{Process.Log}");
            try
            {
                using var response = await Http.GetAsync("/healthz");
                if (response.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(5);
        }

        throw new TimeoutException($"The server was not ready in 30 s:\n{Process.Log}");
    }
}
