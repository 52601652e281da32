using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Users;

public sealed class RemoveUserTests(SharedServer shared)
{
    [Fact]
    public async Task Removal_ends_tokens_and_keys_at_once_and_frees_the_address()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var second = await admin.AddUserAsync(shared.Server, "admin");
        var key = new Api(shared.Server.Http, (await second.PostAsync("/api/api-keys", """{"name":"k"}""")).Json.Text("key"));
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/api/auth/me")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/users/{second.UserId}")).Status);

        (await second.GetAsync("/api/auth/me")).Problem(401);
        (await second.PostAsync("/api/compliance/check", """{"text":"still there?"}""")).Problem(401);
        (await second.PostAsync("/api/auth/refresh", $$"""{"refresh_token":"{{second.RefreshToken}}"}""")).Problem(401);
        (await second.PostAsync("/api/auth/login", $$"""{"email":"{{second.Email}}","password":"{{second.Password}}"}""")).Problem(401);
        (await key.GetAsync("/api/auth/me")).Problem(401);
        (await admin.DeleteAsync($"/api/users/{second.UserId}")).Problem(404);
        Assert.DoesNotContain(second.Email, (await admin.GetAsync("/api/users")).Text, StringComparison.Ordinal);

        var again = await admin.PostAsync("/api/users", $$"""{"email":"{{second.Email}}","role":"member"}""");
        Assert.Equal(HttpStatusCode.Created, again.Status);
        Assert.NotEqual(second.UserId, again.Json.GetProperty("id").GetGuid());
        await admin.AssertLogIsCleanAsync();
    }
}
