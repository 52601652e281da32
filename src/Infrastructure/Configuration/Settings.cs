using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Telemetry;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Configuration;

/// <summary>What the operator set, checked once at start. docs/configuration.md lists every variable.</summary>
internal sealed record Settings
{
    public const string DatabaseVariable = "LEXCUSTIS_DATABASE_URL";
    public const string MigrationDatabaseVariable = "LEXCUSTIS_MIGRATION_DATABASE_URL";
    public const string RedisVariable = "LEXCUSTIS_REDIS_URL";
    public const string MasterKeysVariable = "LEXCUSTIS_MASTER_KEYS";
    public const string JwtSecretVariable = "LEXCUSTIS_JWT_SECRET";

    public required DatabaseUrl Database { get; init; }

    public required MasterKeys MasterKeys { get; init; }

    /// <summary>HMAC-SHA256 key of the access tokens, at least 32 bytes.</summary>
    public required byte[] JwtSecret { get; init; }

    public required string[] Urls { get; init; }

    /// <summary>Null: counters live in this process.</summary>
    public RedisUrl? Redis { get; init; }

    /// <summary>Turns an organization may take a UTC day when it sets no lower cap of its own.</summary>
    public required int DailyChatCap { get; init; }

    /// <summary>Requests a user, or an address before sign-in, may send a minute.</summary>
    public required int RateLimitPerMinute { get; init; }

    public required bool AllowRegistration { get; init; }

    public required TrustedProxies TrustedProxies { get; init; }

    public required ProviderDefaults Providers { get; init; }

    public required CheckpointSettings Checkpoints { get; init; }

    public required RetrievalSettings Retrieval { get; init; }

    /// <summary>Null: no telemetry leaves.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    public required DocumentSettings Documents { get; init; }

    /// <summary>Everything the server needs.</summary>
    /// <exception cref="SettingException">The first setting that is missing or malformed.</exception>
    public static Settings Read(EnvironmentReader environment) => new()
    {
        Database = ReadDatabase(environment, DatabaseVariable),
        MasterKeys = ReadMasterKeys(environment),
        JwtSecret = ReadJwtSecret(environment),
        Urls = ReadUrls(environment),
        Redis = ReadRedis(environment),
        DailyChatCap = environment.Integer("ORG_DAILY_CHAT_CAP", 500, 0, 10_000_000),
        RateLimitPerMinute = environment.Integer("RATE_LIMIT_PER_MINUTE", 60, 1, 1_000_000),
        AllowRegistration = environment.Boolean("ALLOW_REGISTRATION", true),
        TrustedProxies = ReadTrustedProxies(environment),
        Providers = ProviderDefaultsReader.Read(environment),
        Checkpoints = CheckpointSettingsReader.Read(environment),
        Retrieval = RetrievalSettings.Read(environment),
        Telemetry = ReadTelemetry(environment),
        Documents = new DocumentSettings(
            MaxBytes: environment.Integer("LEXCUSTIS_DOCUMENT_MAX_BYTES", 25_000_000, 1_000, 250_000_000),
            StorageBytes: 1_000_000L * environment.Integer("LEXCUSTIS_DOCUMENT_STORAGE_MB", 10_000, 1, 100_000_000),
            MaxPages: environment.Integer("LEXCUSTIS_DOCUMENT_MAX_PAGES", 2_000, 1, 20_000),
            Workers: environment.Integer("LEXCUSTIS_DOCUMENT_WORKERS", 2, 0, 64),
            PdfTimeout: environment.Duration("LEXCUSTIS_PDF_TIMEOUT", TimeSpan.FromSeconds(30))),
    };

    public static DatabaseUrl ReadDatabase(EnvironmentReader environment, string variable)
    {
        const string Want = "Use a URL as psql takes it: postgres://user:password@host:5432/database, a socket directory by ?host=.";
        var text = environment.Required(variable, Want);
        return DatabaseUrl.TryParse(text, out var url, out var reason) ? url : throw new SettingException(variable, $"{reason} {Want}");
    }

    public static MasterKeys ReadMasterKeys(EnvironmentReader environment)
    {
        const string Want = "Use kid:base64(32 bytes), the current key first, older ones after commas; `openssl rand -base64 32` makes one.";
        var text = environment.Required(MasterKeysVariable, Want);
        return MasterKeys.TryParse(text, out var keys, out var reason) ? keys : throw new SettingException(MasterKeysVariable, $"{reason} {Want}");
    }

    /// <summary>The variables are OpenTelemetry's own (its specification, "OpenTelemetry Protocol Exporter").</summary>
    private static TelemetrySettings? ReadTelemetry(EnvironmentReader environment)
    {
        const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        if (environment.Optional(Endpoint) is not { } text)
            return null;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.UserInfo.Length > 0)
            throw new SettingException(Endpoint, "use the base address of a collector that takes OTLP over HTTP, such as http://collector:4318; keys go into OTEL_EXPORTER_OTLP_HEADERS.");
        var interval = environment.Integer("OTEL_METRIC_EXPORT_INTERVAL", 60_000, 100, 3_600_000);
        return new TelemetrySettings(endpoint, environment.Optional("OTEL_EXPORTER_OTLP_HEADERS"), TimeSpan.FromMilliseconds(interval));
    }

    private static RedisUrl? ReadRedis(EnvironmentReader environment)
    {
        if (environment.Optional(RedisVariable) is not { } text)
            return null;
        try
        {
            return RedisUrl.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new SettingException(RedisVariable, wrong.Message);
        }
    }

    private static byte[] ReadJwtSecret(EnvironmentReader environment)
    {
        const string Want = "Use at least 32 random bytes, as text or base64; `openssl rand -base64 48` makes some.";
        var secret = Encoding.UTF8.GetBytes(environment.Required(JwtSecretVariable, Want));
        return secret.Length >= 32 ? secret : throw new SettingException(JwtSecretVariable, $"is shorter than 32 bytes. {Want}");
    }

    private static string[] ReadUrls(EnvironmentReader environment)
    {
        var urls = (environment.Optional("LEXCUSTIS_URLS") ?? "http://127.0.0.1:8080").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in urls)
        {
            // Kestrel also takes http://*:8080 and http://+:8080, which Uri does not.
            if (!Uri.TryCreate(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var parsed)
                || parsed.Scheme is not "http" || parsed.PathAndQuery is not "/" || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0)
            {
                throw new SettingException("LEXCUSTIS_URLS", $"use addresses to listen on such as http://127.0.0.1:8080, not '{url}'; TLS belongs to the reverse proxy.");
            }
        }

        return urls.Length > 0 ? urls : throw new SettingException("LEXCUSTIS_URLS", "name at least one address such as http://127.0.0.1:8080.");
    }

    private static TrustedProxies ReadTrustedProxies(EnvironmentReader environment)
    {
        const string Name = "LEXCUSTIS_TRUSTED_PROXIES";
        return TrustedProxies.TryParse(environment.Optional(Name) ?? "", out var proxies, out var wrong)
            ? proxies
            : throw new SettingException(Name, $"use addresses or networks such as 10.0.0.0/8 separated by commas, not '{wrong}'.");
    }
}
