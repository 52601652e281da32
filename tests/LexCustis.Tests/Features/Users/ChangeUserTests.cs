using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Users;

public sealed class ChangeUserTests(SharedServer shared)
{
    [Fact]
    public async Task A_new_role_ends_the_persons_tokens_at_once()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");

        var changed = await admin.PatchAsync($"/api/users/{member.UserId}", """{"role":"auditor"}""");

        Assert.Equal((HttpStatusCode.OK, "auditor"), (changed.Status, changed.Json.Text("role")));
        (await member.GetAsync("/api/auth/me")).Problem(401);
        (await member.PostAsync("/api/auth/refresh", $$"""{"refresh_token":"{{member.RefreshToken}}"}""")).Problem(401);
        // The old role given back does not bring the old token back.
        await admin.PatchAsync($"/api/users/{member.UserId}", """{"role":"member"}""");
        (await member.GetAsync("/api/auth/me")).Problem(401);
        Assert.Equal("member", (await (await Api.LoginAsync(shared.Server, member.Email, member.Password)).GetAsync("/api/auth/me")).Json.Text("user_role"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task The_same_role_and_a_new_name_end_nothing()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var changed = await admin.PatchAsync($"/api/users/{admin.UserId}", """{"role":"admin","name":" Grace "}""");

        Assert.Equal(["created_at", "email", "id", "name", "role"], changed.Json.SortedNames());
        Assert.Equal("Grace", changed.Json.Text("name"));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/auth/me")).Status);
        var entry = Assert.Single(await admin.ReadLogOfAsync("user.changed"));
        Assert.DoesNotContain("Grace", entry.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_who_is_no_admin_any_more_keeps_no_key_of_an_admin()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var second = await admin.AddUserAsync(shared.Server, "admin");
        var high = (await second.PostAsync("/api/api-keys", """{"name":"high","role":"admin"}""")).Json.Text("key");
        var low = (await second.PostAsync("/api/api-keys", """{"name":"low","role":"member"}""")).Json.Text("key");

        await admin.PatchAsync($"/api/users/{second.UserId}", """{"role":"member"}""");

        (await new Api(shared.Server.Http, high).GetAsync("/api/users")).Problem(401);
        Assert.Equal(HttpStatusCode.OK, (await new Api(shared.Server.Http, low).GetAsync("/v1/models")).Status);
    }

    [Fact]
    public async Task A_password_given_by_an_admin_ends_the_persons_sessions()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");

        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync($"/api/users/{member.UserId}", """{"password":"a phrase from the admin"}""")).Status);

        (await member.GetAsync("/api/auth/me")).Problem(401);
        await Api.LoginAsync(shared.Server, member.Email, "a phrase from the admin");
    }

    [Fact]
    public async Task The_last_admin_stays_one()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.PatchAsync($"/api/users/{admin.UserId}", """{"role":"member"}""")).Problem(409);
        (await admin.DeleteAsync($"/api/users/{admin.UserId}")).Problem(409);
        Assert.Equal("admin", (await admin.GetAsync("/api/auth/me")).Json.Text("user_role"));
    }

    [Fact]
    public async Task Two_admins_who_demote_or_remove_each_other_at_once_leave_one()
    {
        var one = await Api.RegisterAsync(shared.Server);
        var other = await one.AddUserAsync(shared.Server, "admin");

        var answers = await Task.WhenAll(
            one.PatchAsync($"/api/users/{other.UserId}", """{"role":"member"}"""), other.DeleteAsync($"/api/users/{one.UserId}"),
            one.DeleteAsync($"/api/users/{other.UserId}"), other.PatchAsync($"/api/users/{one.UserId}", """{"role":"auditor"}"""));

        Assert.Contains(answers, static answer => (int)answer.Status < 300);
        Assert.All(answers, static answer => Assert.Contains((int)answer.Status, (int[])[200, 204, 401, 404, 409]));
        Assert.Equal(1L, await shared.Server.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM users WHERE organization_id = '{one.OrganizationId}' AND role = 'admin' AND removed_at IS NULL"));
    }

    [Theory]
    [InlineData("""{"role":"owner"}""", "role")]
    [InlineData("""{"role":"Admin","password":"short"}""", "password,role")]
    [InlineData("""{"name":7}""", "name")]
    public async Task A_bad_value_is_named_and_nothing_changes(string body, string fields)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(fields.Split(','), (await admin.PatchAsync($"/api/users/{admin.UserId}", body)).WrongFields());
        Assert.Empty(await admin.ReadLogOfAsync("user.changed"));
    }

    [Fact]
    public async Task A_person_who_does_not_exist_is_not_found()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.PatchAsync($"/api/users/{Guid.CreateVersion7()}", """{"name":"x"}""")).Problem(404);
        (await admin.PatchAsync("/api/users/not-an-id", """{"name":"x"}""")).Problem(404);
    }
}
