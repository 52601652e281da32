using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Users;

public sealed class InviteUserTests(SharedServer shared)
{
    [Fact]
    public async Task Without_a_password_one_is_made_and_shown_this_once()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var invited = await admin.PostAsync("/api/users", """{"email":"Invited.Once@example.org","role":"compliance","name":" Ida "}""");

        Assert.Equal(HttpStatusCode.Created, invited.Status);
        Assert.Equal(["created_at", "email", "id", "initial_password", "name", "role"], invited.Json.SortedNames());
        Assert.Equal($"/api/users/{invited.Json.Text("id")}", invited.Headers.Location?.ToString());
        var person = await Api.LoginAsync(shared.Server, "invited.once@example.org", invited.Json.Text("initial_password")!);
        Assert.Equal("Ida", (await person.GetAsync("/api/auth/me")).Json.Text("name"));

        var entry = Assert.Single(await admin.ReadLogOfAsync("user.invited"));
        Assert.DoesNotContain("example.org", entry.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_given_password_is_not_repeated()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var invited = await admin.PostAsync("/api/users", """{"email":"invited.given@example.org","role":"member","password":"given by the admin"}""");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, invited.Json.GetProperty("initial_password").ValueKind);
        Assert.DoesNotContain("given by the admin", invited.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_has_an_account_anywhere_on_the_server_is_refused()
    {
        var (admin, elsewhere) = (await Api.RegisterAsync(shared.Server), await Api.RegisterAsync(shared.Server));
        (await admin.PostAsync("/api/users", $$"""{"email":"{{elsewhere.Email.ToUpperInvariant()}}","role":"member"}""")).Problem(409);
        Assert.Empty(await admin.ReadLogOfAsync("user.invited"));
    }

    [Theory]
    [InlineData("{}", "email,role")]
    [InlineData("""{"email":"@example.org","role":"root","password":"short"}""", "email,password,role")]
    public async Task Every_bad_field_is_named_at_once(string body, string fields)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(fields.Split(','), (await admin.PostAsync("/api/users", body)).WrongFields());
    }
}
