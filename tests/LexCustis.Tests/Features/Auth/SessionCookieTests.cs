using System.Net;
using System.Text;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

/// <summary>A browser's session: the refresh token in a cookie, only where the header asks for it.</summary>
public sealed class SessionCookieTests(SharedServer shared)
{
    [Fact]
    public async Task A_browser_gets_its_refresh_token_as_a_cookie_that_scripts_cannot_read_and_not_in_the_body()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (status, body, cookie) = await SendAsync("login", Credentials(admin));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(body.TryGetProperty("refresh_token", out _));
        Assert.NotEmpty(body.GetProperty("access_token").GetString()!);

        var attributes = cookie!.ToLowerInvariant().Split("; ");
        Assert.StartsWith("lexcustis_session=lxr_", attributes[0], StringComparison.Ordinal);
        Assert.Contains("httponly", attributes);
        Assert.Contains("samesite=strict", attributes);
        Assert.Contains("path=/api/auth", attributes);
        Assert.Contains("max-age=2592000", attributes);
        Assert.DoesNotContain("secure", attributes);
        Assert.DoesNotContain(attributes, static attribute => attribute.StartsWith("domain=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Registration_asks_for_a_cookie_the_same_way()
    {
        var name = $"cookie{Guid.NewGuid():N}";
        var (status, body, cookie) = await SendAsync("register", $$"""{"organization_name":"Cookies","email":"{{name}}@example.org","password":"correct horse battery"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.False(body.TryGetProperty("refresh_token", out _));
        Assert.NotNull(cookie);
    }

    [Fact]
    public async Task A_program_gets_both_tokens_in_the_body_and_no_cookie()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (_, body, cookie) = await SendAsync("login", Credentials(admin), asBrowser: false);
        Assert.StartsWith("lxr_", body.GetProperty("refresh_token").GetString()!, StringComparison.Ordinal);
        Assert.Null(cookie);
    }

    [Fact]
    public async Task Refreshing_by_cookie_rotates_the_cookie()
    {
        var first = await SignInAsync();
        var (status, body, cookie) = await SendAsync("refresh", "{}", first);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(body.TryGetProperty("refresh_token", out _));
        Assert.NotEqual(first, ValueOf(cookie));

        var me = await new Api(shared.Server.Http, body.GetProperty("access_token").GetString()).GetAsync("/api/auth/me");
        Assert.Equal(HttpStatusCode.OK, me.Status);
    }

    [Fact]
    public async Task A_cookie_without_the_header_counts_for_nothing_as_a_forged_request_has_none()
    {
        var cookie = await SignInAsync();
        var (refresh, _, set) = await SendAsync("refresh", "{}", cookie, asBrowser: false);
        Assert.Equal(HttpStatusCode.BadRequest, refresh);
        Assert.Null(set);
        var (logout, _, _) = await SendAsync("logout", "{}", cookie, asBrowser: false);
        Assert.Equal(HttpStatusCode.BadRequest, logout);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("refresh", "{}", cookie)).Status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_a_foreign_form_could_send_is_refused(string contentType)
    {
        var cookie = await SignInAsync();
        var (status, _, _) = await SendAsync("refresh", "{}", cookie, contentType: contentType);
        Assert.True(status is HttpStatusCode.UnsupportedMediaType or HttpStatusCode.BadRequest, $"answered {(int)status}");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("refresh", "{}", cookie)).Status);
    }

    [Fact]
    public async Task No_foreign_origin_is_ever_allowed_the_header()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/auth/refresh");
        preflight.Headers.Add("Origin", "https://elsewhere.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "x-session,content-type");
        using var answer = await shared.Server.Http.SendAsync(preflight);
        Assert.False(answer.IsSuccessStatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_that_was_reloaded_while_it_refreshed_keeps_its_session()
    {
        var cookie = await SignInAsync();
        var lost = await SendAsync("refresh", "{}", cookie);
        var again = await SendAsync("refresh", "{}", cookie);
        Assert.Equal(HttpStatusCode.OK, lost.Status);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("refresh", "{}", ValueOf(again.Cookie))).Status);
    }

    [Fact]
    public async Task An_old_cookie_past_the_seconds_of_grace_ends_the_session()
    {
        var (cookie, session) = await SignInWithSessionAsync();
        var next = ValueOf((await SendAsync("refresh", "{}", cookie)).Cookie);
        await shared.Server.Database.ExecuteAsync($"UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL AND session_id = '{session}'");

        var (status, _, cleared) = await SendAsync("refresh", "{}", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("max-age=0", cleared!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("refresh", "{}", next)).Status);
    }

    [Fact]
    public async Task A_program_has_no_grace()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var body = $$"""{"refresh_token":"{{admin.RefreshToken}}"}""";
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("refresh", body, asBrowser: false)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("refresh", body, asBrowser: false)).Status);
    }

    [Fact]
    public async Task Signing_out_takes_the_cookie_back_and_ends_the_session()
    {
        var cookie = await SignInAsync();
        var (status, _, cleared) = await SendAsync("logout", "{}", cookie);
        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Contains("max-age=0", cleared!, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/api/auth", cleared!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("refresh", "{}", cookie)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("logout", "{}", cookie)).Status);
    }

    [Fact]
    public async Task Nobody_signed_in_is_told_so()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("refresh", "{}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("logout", "{}")).Status);
    }

    [Fact]
    public async Task The_cookie_is_secure_where_a_trusted_proxy_says_that_the_browser_came_by_TLS_and_only_there()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_TRUSTED_PROXIES"] = "127.0.0.1" });
        var admin = await Api.RegisterAsync(server);
        var (_, _, behindTls) = await SendAsync("login", Credentials(admin), server: server, forwardedProto: "https");
        Assert.Contains("; secure", behindTls!, StringComparison.OrdinalIgnoreCase);

        var stranger = await Api.RegisterAsync(shared.Server);
        var (_, _, untrusted) = await SendAsync("login", Credentials(stranger), forwardedProto: "https");
        Assert.DoesNotContain("; secure", untrusted!, StringComparison.OrdinalIgnoreCase);
    }

    private static string Credentials(Api admin) => $$"""{"email":"{{admin.Email}}","password":"{{admin.Password}}"}""";

    private static string ValueOf(string? setCookie) => setCookie!.Split(';')[0].Split('=', 2)[1];

    private async Task<string> SignInAsync() => (await SignInWithSessionAsync()).Cookie;

    private async Task<(string Cookie, string Session)> SignInWithSessionAsync()
    {
        var (_, body, cookie) = await SendAsync("login", Credentials(await Api.RegisterAsync(shared.Server)));
        var claims = body.GetProperty("access_token").GetString()!.Split('.')[1].Replace('-', '+').Replace('_', '/');
        using var token = JsonDocument.Parse(Convert.FromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '=')));
        return (ValueOf(cookie), token.RootElement.GetProperty("sid").GetString()!);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, string? Cookie)> SendAsync(
        string act, string json, string? cookie = null, bool asBrowser = true, string contentType = "application/json", LexCustisServer? server = null, string? forwardedProto = null)
    {
        // The client of the harness keeps no cookies: what is sent is what stands here.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/auth/{act}") { Content = new StringContent(json, Encoding.UTF8, contentType) };
        if (asBrowser)
            request.Headers.Add("X-Session", "cookie");
        if (cookie is not null)
            request.Headers.Add("Cookie", $"lexcustis_session={cookie}");
        if (forwardedProto is not null)
            request.Headers.Add("X-Forwarded-Proto", forwardedProto);
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = (server ?? shared.Server).Http.BaseAddress };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var set = answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single() : null;
        return (answer.StatusCode, text.Length > 0 ? JsonDocument.Parse(text).RootElement : default, set);
    }
}
