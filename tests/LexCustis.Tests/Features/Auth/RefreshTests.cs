using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

public sealed class RefreshTests(SharedServer shared)
{
    [Fact]
    public async Task A_refresh_token_is_traded_for_the_next_pair()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var first = await RefreshAsync(admin.RefreshToken);
        var second = await RefreshAsync(first.Json.Text("refresh_token")!);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal(["access_token", "expires_in", "refresh_token", "token_type", "user"], second.Json.SortedNames());
        Assert.Equal(3, new HashSet<string?> { admin.RefreshToken, first.Json.Text("refresh_token"), second.Json.Text("refresh_token") }.Count);
        Assert.Equal(HttpStatusCode.OK, await MeAsync(second.Json.Text("access_token")!));
    }

    [Fact]
    public async Task Reuse_of_an_old_token_ends_the_whole_session_at_once_and_no_other()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var elsewhere = await Api.LoginAsync(shared.Server, admin.Email, admin.Password);
        var next = await RefreshAsync(admin.RefreshToken);

        (await RefreshAsync(admin.RefreshToken)).Problem(401);

        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(admin.Token!));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(next.Json.Text("access_token")!));
        (await RefreshAsync(next.Json.Text("refresh_token")!)).Problem(401);
        Assert.Equal(HttpStatusCode.OK, await MeAsync(elsewhere.Token!));

        var entry = Assert.Single(await elsewhere.ReadLogOfAsync("session.revoked"));
        Assert.Equal("refresh_token_reused", entry.GetProperty("data").Text("reason"));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("user_id").ValueKind);
        await elsewhere.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Of_simultaneous_uses_of_one_token_exactly_one_wins_and_the_others_end_the_session()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RefreshAsync(admin.RefreshToken)));

        var winner = Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(static answer => answer.Status == HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(winner.Json.Text("access_token")!));
        Assert.Single(await (await Api.LoginAsync(shared.Server, admin.Email, admin.Password)).ReadLogOfAsync("session.revoked"));
    }

    [Fact]
    public async Task An_expired_token_is_refused_and_its_session_is_not_taken_for_stolen()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await shared.Server.Database.ExecuteAsync($"UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE user_id = '{admin.UserId}'");

        (await RefreshAsync(admin.RefreshToken)).Problem(401);
        Assert.Equal(HttpStatusCode.OK, await MeAsync(admin.Token!));
        Assert.Empty(await admin.ReadLogOfAsync("session.revoked"));
    }

    [Theory]
    [InlineData("lxr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("garbage")]
    [InlineData("💥")]
    public async Task A_token_that_was_never_issued_is_refused(string token) => (await RefreshAsync(token)).Problem(401);

    [Fact]
    public async Task Only_the_hash_of_a_token_is_kept()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var kept = await shared.Server.Database.ScalarAsync<byte[]>($"SELECT token_hash FROM refresh_tokens WHERE user_id = '{admin.UserId}'");
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(admin.RefreshToken)), kept);
    }

    private Task<Answer> RefreshAsync(string token) => new Api(shared.Server.Http, null).PostAsync("/api/auth/refresh", $$"""{"refresh_token":{{Api.Quote(token)}}}""");

    private async Task<HttpStatusCode> MeAsync(string token) => (await new Api(shared.Server.Http, token).GetAsync("/api/auth/me")).Status;
}
