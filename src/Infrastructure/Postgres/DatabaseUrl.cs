using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>
/// A connection URI as libpq takes it (PostgreSQL manual, 34.1.1.2): <c>postgres://user:password@host:port/database?name=value</c>,
/// each part optional and percent-encoded, a socket directory by <c>?host=/run/postgresql</c>.
/// </summary>
internal sealed class DatabaseUrl
{
    private readonly NpgsqlConnectionStringBuilder options;

    private DatabaseUrl(NpgsqlConnectionStringBuilder options) => this.options = options;

    /// <summary>Contains the password: never log it.</summary>
    public string ConnectionString => options.ConnectionString;

    public string? User => options.Username;

    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseUrl? url, [NotNullWhen(false)] out string? reason)
    {
        url = null;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || text[..scheme] is not ("postgres" or "postgresql"))
        {
            reason = "is not a postgres:// URL.";
            return false;
        }

        var rest = text[(scheme + 3)..];
        var question = rest.IndexOf('?');
        var query = question < 0 ? "" : rest[(question + 1)..];
        if (question >= 0)
            rest = rest[..question];

        var slash = rest.IndexOf('/');
        var authority = slash < 0 ? rest : rest[..slash];
        var at = authority.LastIndexOf('@');
        var hosts = authority[(at + 1)..];

        // libpq sends `prefer`; servers on the same machine seldom have TLS, and sslmode= overrides it.
        var parsed = new NpgsqlConnectionStringBuilder { ApplicationName = "lexcustis", SslMode = SslMode.Prefer, Timeout = 5 };
        try
        {
            if (at >= 0)
            {
                var colon = authority.IndexOf(':');
                var user = colon >= 0 && colon < at ? authority[..colon] : authority[..at];
                if (user.Length > 0)
                    parsed.Username = Uri.UnescapeDataString(user);
                if (colon >= 0 && colon < at)
                    parsed.Password = Uri.UnescapeDataString(authority[(colon + 1)..at]);
            }

            SetHosts(parsed, hosts);
            if (slash >= 0 && slash + 1 < rest.Length)
                parsed.Database = Uri.UnescapeDataString(rest[(slash + 1)..]);

            foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=');
                var name = equals < 0 ? pair : pair[..equals];
                Set(parsed, name, equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]));
            }
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or OverflowException)
        {
            reason = wrong is FormatException { Message: { Length: > 0 } message } ? message : "has a part that cannot be read.";
            return false;
        }

        if (string.IsNullOrEmpty(parsed.Host))
            parsed.Host = "localhost";
        if (string.IsNullOrEmpty(parsed.Database))
            parsed.Database = parsed.Username;

        url = new DatabaseUrl(parsed);
        reason = null;
        return true;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder options, string hosts)
    {
        if (hosts.Length == 0)
            return;

        // An IPv6 address stands in brackets; Npgsql takes the same `host:port` list that a libpq URI has.
        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            options.Host = Uri.UnescapeDataString(hosts);
            return;
        }

        var bracket = hosts.IndexOf(']');
        var colon = hosts.IndexOf(':', bracket < 0 ? 0 : bracket);
        options.Host = Uri.UnescapeDataString(colon < 0 ? hosts : hosts[..colon]).Trim('[', ']');
        if (colon >= 0)
            options.Port = ParsePort(hosts[(colon + 1)..]);
    }

    private static void Set(NpgsqlConnectionStringBuilder options, string name, string value)
    {
        switch (name)
        {
            case "host": options.Host = value; break;
            case "port": options.Port = ParsePort(value); break;
            case "user": options.Username = value; break;
            case "password": options.Password = value; break;
            case "dbname": options.Database = value; break;
            case "passfile": options.Passfile = value; break;
            case "application_name": options.ApplicationName = value; break;
            case "connect_timeout": options.Timeout = ParseSeconds(value); break;
            case "options": options.Options = value; break;
            case "sslrootcert": options.RootCertificate = value; break;
            case "sslcert": options.SslCertificate = value; break;
            case "sslkey": options.SslKey = value; break;
            case "sslpassword": options.SslPassword = value; break;
            case "target_session_attrs": options.TargetSessionAttributes = value; break;
            case "pool_size": options.MaxPoolSize = ParseSeconds(value); break;
            case "sslmode":
                options.SslMode = value switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new FormatException("has an unknown sslmode."),
                };
                break;
            default: throw new FormatException($"has a parameter that is not known here: {name}.");
        }
    }

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65_536
            ? port
            : throw new FormatException("has a port that is not a number from 1 to 65535.");

    private static int ParseSeconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 1024
            ? value
            : throw new FormatException("has a connect_timeout or pool_size that is not a number from 1 to 1024.");
}
