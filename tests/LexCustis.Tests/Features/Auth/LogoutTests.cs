using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

public sealed class LogoutTests(SharedServer shared)
{
    [Fact]
    public async Task Signing_out_ends_both_tokens_and_saying_it_twice_does_no_harm()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var elsewhere = await Api.LoginAsync(shared.Server, admin.Email, admin.Password);

        Assert.Equal(HttpStatusCode.NoContent, (await LogoutAsync(admin.RefreshToken)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await LogoutAsync(admin.RefreshToken)).Status);

        (await admin.GetAsync("/api/auth/me")).Problem(401);
        (await admin.PostAsync("/api/auth/refresh", $$"""{"refresh_token":"{{admin.RefreshToken}}"}""")).Problem(401);
        var entry = Assert.Single(await elsewhere.ReadLogOfAsync("session.revoked"));
        Assert.Equal("logout", entry.GetProperty("data").Text("reason"));
        Assert.Equal(admin.UserId, entry.GetProperty("user_id").GetGuid());
    }

    [Fact]
    public async Task An_unknown_token_is_already_signed_out() => Assert.Equal(HttpStatusCode.NoContent, (await LogoutAsync("lxr_unknown")).Status);

    [Fact]
    public async Task A_missing_token_is_named() => (await new Api(shared.Server.Http, null).PostAsync("/api/auth/logout")).ProblemNames("refresh_token");

    private Task<Answer> LogoutAsync(string token) => new Api(shared.Server.Http, null).PostAsync("/api/auth/logout", $$"""{"refresh_token":"{{token}}"}""");
}
