using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Auth;

/// <summary>
/// The browser's way to keep a session. A request with the header <c>X-Session: cookie</c> gets its refresh token as a cookie that no script
/// can read, not in the body, and sends it back by itself; without the header nothing here applies, and a cookie that came along is ignored.
/// </summary>
/// <remarks>
/// Against forged requests stand three things: the cookie is <c>SameSite=Strict</c>, the body has to be JSON, and the header cannot be sent by
/// another origin, since no CORS preflight is ever answered.
/// </remarks>
internal static class SessionCookie
{
    public const string Name = "lexcustis_session";

    private const string Header = "X-Session";
    private const string HeaderValue = "cookie";

    public static bool IsWanted(HttpContext http) => string.Equals(http.Request.Headers[Header], HeaderValue, StringComparison.OrdinalIgnoreCase);

    /// <summary>The refresh token of the body or, where the request is a browser's, of the cookie.</summary>
    public static string? TokenOf(HttpContext http, string? inBody) => IsWanted(http) ? http.Request.Cookies[Name] : inBody;

    /// <returns>The answer to send: with the refresh token taken out of it when it is in the cookie.</returns>
    public static TokenResponse Keep(HttpContext http, TokenResponse tokens)
    {
        if (!IsWanted(http))
            return tokens;

        http.Response.Cookies.Append(Name, tokens.RefreshToken!, Options(http, Session.RefreshLifetime));
        return tokens with { RefreshToken = null };
    }

    public static void Clear(HttpContext http)
    {
        if (IsWanted(http) && http.Request.Cookies.ContainsKey(Name))
            http.Response.Cookies.Append(Name, "", Options(http, TimeSpan.Zero));
    }

    private static CookieOptions Options(HttpContext http, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        Path = "/api/auth",
        MaxAge = lifetime,
    };
}
