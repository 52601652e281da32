using System.Net;
using System.Net.Sockets;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Configuration;

/// <summary>A setting that is missing or malformed stops the start with one line that names it.</summary>
public sealed class StartTests(SharedServer shared)
{
    [Theory]
    [InlineData("LEXCUSTIS_DATABASE_URL", "", "is missing")]
    [InlineData("LEXCUSTIS_DATABASE_URL", "hunter2", "postgres://")]
    [InlineData("LEXCUSTIS_DATABASE_URL", "postgres://a:hunter2@h:port/d", "port")]
    [InlineData("LEXCUSTIS_MASTER_KEYS", "", "openssl rand -base64 32")]
    [InlineData("LEXCUSTIS_MASTER_KEYS", "k1:hunter2", "32 bytes")]
    [InlineData("LEXCUSTIS_JWT_SECRET", "", "openssl rand")]
    [InlineData("LEXCUSTIS_JWT_SECRET", "hunter2", "32")]
    [InlineData("LEXCUSTIS_URLS", "somewhere", "http://127.0.0.1:8080")]
    [InlineData("LEXCUSTIS_URLS", "https://127.0.0.1:8080", "reverse proxy")]
    [InlineData("LEXCUSTIS_URLS", "http://127.0.0.1:8080/chat", "http://127.0.0.1:8080")]
    [InlineData("LEXCUSTIS_URLS", ";", "http://127.0.0.1:8080")]
    [InlineData("LEXCUSTIS_REDIS_URL", "localhost:6379", "redis://")]
    [InlineData("LEXCUSTIS_TRUSTED_PROXIES", "10.0.0.0/99", "10.0.0.0/8")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://collector:4318")]
    [InlineData("ORG_DAILY_CHAT_CAP", "-1", "whole number")]
    [InlineData("RATE_LIMIT_PER_MINUTE", "0", "whole number")]
    [InlineData("ALLOW_REGISTRATION", "perhaps", "true or false")]
    [InlineData("LEXCUSTIS_DOCUMENT_MAX_BYTES", "25MB", "whole number")]
    [InlineData("LEXCUSTIS_DOCUMENT_MAX_PAGES", "0", "whole number")]
    [InlineData("LEXCUSTIS_DOCUMENT_WORKERS", "65", "whole number")]
    [InlineData("LEXCUSTIS_PDF_TIMEOUT", "soon", "60s")]
    [InlineData("LEXCUSTIS_GROUNDING_WAIT_MS", "1s", "whole number")]
    [InlineData("LLM_PROVIDER", "skynet", "mistral")]
    [InlineData("OLLAMA_BASE_URL", "ollama", "https://host/v1")]
    [InlineData("MISTRAL_BASE_URL", "ftp://mistral", "https://host/v1")]
    [InlineData("MISTRAL_API_KEY", "hunter2 hunter2", "ASCII")]
    [InlineData("LLM_BASE_URL", "http://u:hunter2@h/", "https://host/v1")]
    [InlineData("LLM_API_KEY", "hunter\u00e9", "ASCII")]
    [InlineData("LEXCUSTIS_CHECKPOINT_KEY_FILE", "/nowhere/key.pem", "cannot be read")]
    [InlineData("LEXCUSTIS_CHECKPOINT_DIR", "/nowhere", "there is no directory")]
    [InlineData("LEXCUSTIS_CHECKPOINT_INTERVAL", "soon", "60s")]
    [InlineData("LEXCUSTIS_CHECKPOINT_INTERVAL", "0", "60s")]
    [InlineData("LEXCUSTIS_LOG_ORIGIN", "https://audit.example.org", "without scheme")]
    [InlineData("LEXCUSTIS_LOG_ORIGIN", "audit.example.org/", "audit.example.org")]
    [InlineData("LEXCUSTIS_LOG_ORIGIN", "a log", "spaces")]
    public async Task A_bad_setting_is_named(string name, string value, string want)
    {
        var environment = LexCustisServer.DefaultEnvironment(shared.Server.Database);
        if (value.Length > 0)
            environment[name] = value;
        else
            environment.Remove(name);

        await AssertStoppedAsync(environment, name, want);
    }

    [Theory]
    [InlineData("mistral", "MISTRAL_API_KEY")]
    [InlineData("openai-compatible", "LLM_BASE_URL")]
    public async Task A_provider_without_what_it_needs_is_named(string provider, string name) =>
        await AssertStoppedAsync(new(LexCustisServer.DefaultEnvironment(shared.Server.Database)) { ["LLM_PROVIDER"] = provider }, name, "is missing");

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var environment = LexCustisServer.DefaultEnvironment(shared.Server.Database);
        environment.Remove("LEXCUSTIS_JWT_SECRET");
        environment["LEXCUSTIS_JWT_SECRET_FILE"] = Path.Combine(Path.GetTempPath(), Guid.CreateVersion7().ToString());
        await AssertStoppedAsync(environment, "LEXCUSTIS_JWT_SECRET_FILE", "cannot be read");
    }

    [Theory]
    [InlineData("no PEM", "has no PEM block")]
    [InlineData("secp384r1", "P-256")]
    [InlineData("public", "private key first")]
    public async Task A_checkpoint_key_that_cannot_sign_is_named(string kind, string want)
    {
        using var folder = new CheckpointFolder();
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        await File.WriteAllTextAsync(folder.KeyFile, kind switch { "secp384r1" => other.ExportPkcs8PrivateKeyPem(), "public" => folder.Keys.PublicPem, _ => "hunter2" });
        await AssertStoppedAsync(new(LexCustisServer.DefaultEnvironment(shared.Server.Database)) { ["LEXCUSTIS_CHECKPOINT_KEY_FILE"] = folder.KeyFile }, "LEXCUSTIS_CHECKPOINT_KEY_FILE", want);
    }

    [Fact]
    public async Task Without_a_checkpoint_key_the_server_says_once_that_it_signs_nothing()
    {
        await using var server = await LexCustisServer.StartAsync(database: shared.Server.Database);
        await server.WaitForLogAsync("Checkpoints are off, LEXCUSTIS_CHECKPOINT_KEY_FILE is not set");
    }

    [Fact]
    public async Task Every_secret_can_stand_in_a_file()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var defaults = LexCustisServer.DefaultEnvironment(shared.Server.Database);
            var settings = new Dictionary<string, string>();
            foreach (var name in (string[])["LEXCUSTIS_DATABASE_URL", "LEXCUSTIS_MASTER_KEYS", "LEXCUSTIS_JWT_SECRET", "LEXCUSTIS_REDIS_URL"])
            {
                var file = Path.Combine(directory.FullName, name);
                await File.WriteAllTextAsync(file, defaults[name] + "\n");
                (settings[name], settings[name + "_FILE"]) = ("", file);
            }

            await using var server = await LexCustisServer.StartAsync(settings, shared.Server.Database);
            Assert.Equal("ready", (await new Api(server.Http, null).GetAsync("/readyz")).Json.Text("status"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_no_stack_trace()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var environment = LexCustisServer.DefaultEnvironment(shared.Server.Database);
        environment["LEXCUSTIS_URLS"] = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var (exit, output, error) = await Binary.RunAsync([], environment);

        Assert.Equal(1, exit);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
        Assert.StartsWith("lexcustis: LEXCUSTIS_URLS: ", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_told()
    {
        var (exit, output, error) = await Binary.RunAsync(["--version"], []);
        Assert.Equal((0, $"lexcustis {Product.Version}\n", ""), (exit, output, error));
        Assert.Matches(@"^\d+\.\d+\.\d+$", Product.Version);
    }

    [Theory]
    [InlineData("dance")]
    [InlineData("--verbose")]
    [InlineData("migrate", "now")]
    [InlineData("verify-audit", "--organization", "mine")]
    public async Task A_command_that_there_is_not_is_wrong_use(params string[] arguments)
    {
        var (exit, output, error) = await Binary.RunAsync(arguments, []);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("lexcustis: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate", "LEXCUSTIS_MIGRATION_DATABASE_URL")]
    [InlineData("seed-demo", "LEXCUSTIS_")]
    [InlineData("verify-audit", "LEXCUSTIS_DATABASE_URL")]
    public async Task A_command_without_its_setting_names_it(string command, string name)
    {
        var (exit, _, error) = await Binary.RunAsync([command], []);
        Assert.Equal(2, exit);
        Assert.StartsWith($"lexcustis: {name}", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private static async Task AssertStoppedAsync(Dictionary<string, string> environment, string name, string want)
    {
        var (exit, output, error) = await Binary.RunAsync([], environment);
        Assert.Equal((2, ""), (exit, output));
        var line = Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"lexcustis: {name}: ", line, StringComparison.Ordinal);
        Assert.Contains(want, line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", line, StringComparison.Ordinal);
    }
}
