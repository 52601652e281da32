using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

public sealed class ChangePasswordTests(SharedServer shared)
{
    [Fact]
    public async Task A_new_password_ends_every_other_session_and_keeps_this_one()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var elsewhere = await Api.LoginAsync(shared.Server, admin.Email, admin.Password);

        var changed = await admin.PostAsync("/api/auth/password", $$"""{"current_password":"{{admin.Password}}","new_password":"quite another phrase"}""");

        Assert.Equal(HttpStatusCode.NoContent, changed.Status);
        (await elsewhere.GetAsync("/api/auth/me")).Problem(401);
        (await elsewhere.PostAsync("/api/auth/refresh", $$"""{"refresh_token":"{{elsewhere.RefreshToken}}"}""")).Problem(401);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/auth/me")).Status);
        (await admin.PostAsync("/api/auth/login", $$"""{"email":"{{admin.Email}}","password":"{{admin.Password}}"}""")).Problem(401);
        await Api.LoginAsync(shared.Server, admin.Email, "quite another phrase");

        var entry = Assert.Single(await admin.ReadLogOfAsync("user.changed"));
        Assert.Equal("""["password"]""", entry.GetProperty("data").GetProperty("fields").GetRawText());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task The_current_password_is_asked_for()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.PostAsync("/api/auth/password", """{"current_password":"not this one","new_password":"quite another phrase"}""")).ProblemNames("current_password");
        Assert.Equal(["current_password", "new_password"], (await admin.PostAsync("/api/auth/password", """{"new_password":"short"}""")).WrongFields());
        await Api.LoginAsync(shared.Server, admin.Email, admin.Password);
    }

    [Fact]
    public async Task A_key_cannot_change_its_makers_password()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var key = (await admin.PostAsync("/api/api-keys", """{"name":"k","role":"admin"}""")).Json.Text("key");
        (await new Api(shared.Server.Http, key).PostAsync("/api/auth/password", $$"""{"current_password":"{{admin.Password}}","new_password":"quite another phrase"}""")).Problem(403);
    }
}
