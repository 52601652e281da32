namespace LexCustis.Infrastructure.Redis;

/// <summary>
/// Where Redis is: <c>redis://[[user]:password@]host[:port][/database]</c>, or <c>rediss://</c> for TLS, which alone takes
/// <c>?ca=FILE</c>: a PEM file with the only authorities to trust, in place of the system's.
/// </summary>
internal sealed class RedisUrl
{
    private const int DefaultPort = 6379;

    private RedisUrl(Uri uri, string? user, string? password, int database, string? authorities)
    {
        Tls = uri.Scheme == "rediss";
        Host = uri.IdnHost;
        Port = uri.Port == -1 ? DefaultPort : uri.Port;
        User = user;
        Password = password;
        Database = database;
        Authorities = authorities;
        _display = $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? $"[{Host}]" : Host)}:{Port}/{database}";
    }

    private readonly string _display;

    public bool Tls { get; }

    public string Host { get; }

    public int Port { get; }

    /// <summary>Null signs in as Redis's default user.</summary>
    public string? User { get; }

    /// <summary>Null sends no AUTH.</summary>
    public string? Password { get; }

    public int Database { get; }

    /// <summary>Path of a PEM file, or null to trust what the system trusts.</summary>
    public string? Authorities { get; }

    /// <exception cref="FormatException">Says what is wrong and never repeats the password.</exception>
    public static RedisUrl Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw Wrong("it is not a URL; characters such as / # ? @ in a password are written %2F %23 %3F %40");
        if (uri.Scheme is not ("redis" or "rediss")) throw Wrong("it begins with neither redis:// nor rediss://");
        if (uri.Port == 0) throw Wrong("the port is not within 1 to 65535");
        if (uri.Fragment.Length > 0) throw Wrong("it contains #, which is written %23");

        var (user, password) = Credentials(uri.UserInfo);
        return new RedisUrl(uri, user, password, DatabaseOf(uri.AbsolutePath), AuthoritiesOf(uri));
    }

    /// <summary>Fit for logs: without user and password.</summary>
    public override string ToString() => _display;

    private static (string? User, string? Password) Credentials(string userInfo)
    {
        if (userInfo.Length == 0) return (null, null);
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon == userInfo.Length - 1) throw Wrong("what stands before @ is no user:password or :password");
        return (colon == 0 ? null : Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }

    private static int DatabaseOf(string path)
    {
        if (path is "" or "/") return 0;
        return int.TryParse(path.AsSpan(1), out var database) && database >= 0 ? database : throw Wrong("the database is no number");
    }

    private static string? AuthoritiesOf(Uri uri)
    {
        if (uri.Query is "" or "?") return null;
        const string option = "?ca=";
        if (!uri.Query.StartsWith(option, StringComparison.Ordinal) || uri.Query.Contains('&', StringComparison.Ordinal))
            throw Wrong("the only option is ?ca=FILE");
        if (uri.Scheme != "rediss") throw Wrong("?ca=FILE needs rediss://");
        return Uri.UnescapeDataString(uri.Query[option.Length..]);
    }

    private static FormatException Wrong(string what) =>
        new($"A Redis URL reads redis://[[user]:password@]host[:port][/database], or rediss:// for TLS; here {what}.");
}
