using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

public sealed class RegisterTests(SharedServer shared)
{
    private Api Anyone => new(shared.Server.Http, null);

    [Fact]
    public async Task Registering_makes_an_organization_and_signs_its_admin_in()
    {
        var answer = await Anyone.PostAsync("/api/auth/register",
            """{"organization_name":" Register & Söhne ","email":"Register.Shape@example.org","password":"ten letters","name":"Ada","unknown":[1]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["access_token", "expires_in", "refresh_token", "token_type", "user"], answer.Json.SortedNames());
        Assert.Equal("Bearer", answer.Json.Text("token_type"));
        Assert.Equal(900, answer.Json.GetProperty("expires_in").GetInt32());
        Assert.StartsWith("lxr_", answer.Json.Text("refresh_token"), StringComparison.Ordinal);

        var user = answer.Json.GetProperty("user");
        Assert.Equal(["email", "name", "organization_id", "organization_name", "user_id", "user_role"], user.SortedNames());
        Assert.Equal(("Register.Shape@example.org", "Ada", "Register & Söhne", "admin"), (user.Text("email"), user.Text("name"), user.Text("organization_name"), user.Text("user_role")));
        Assert.Equal((7, 7), (user.GetProperty("user_id").GetGuid().Version, user.GetProperty("organization_id").GetGuid().Version));

        var admin = new Api(shared.Server.Http, answer.Json.Text("access_token"));
        Assert.Equal(user.GetRawText(), (await admin.GetAsync("/api/auth/me")).Json.GetRawText());
        var entry = Assert.Single(await admin.ReadLogAsync());
        Assert.Equal("organization.registered", entry.Text("event_type"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_refused_in_any_case_and_nothing_is_written()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answer = await Anyone.PostAsync("/api/auth/register",
            $$"""{"organization_name":"A second house for one address","email":" {{admin.Email.ToUpperInvariant()}} ","password":"ten letters"}""");

        answer.Problem(409);
        Assert.Equal(0L, await shared.Server.Database.ScalarAsync<long>("SELECT count(*) FROM organizations WHERE name = 'A second house for one address'"));
    }

    [Fact]
    public async Task Two_registrations_of_one_address_at_once_make_one_account()
    {
        const string Body = """{"organization_name":"Twice at once","email":"twice.at.once@example.org","password":"ten letters"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Anyone.PostAsync("/api/auth/register", Body)));

        Assert.Equal([201, 409, 409, 409], answers.Select(static answer => (int)answer.Status).Order());
        Assert.Equal(1L, await shared.Server.Database.ScalarAsync<long>("SELECT count(*) FROM organizations WHERE name = 'Twice at once'"));
    }

    [Theory]
    [InlineData("{}", "email,organization_name,password")]
    [InlineData("""{"organization_name":"  ","email":"nobody","password":"too short","name":null}""", "email,organization_name,password")]
    [InlineData("""{"organization_name":"A","email":"a@example.org","password":"            "}""", "password")]
    [InlineData("""{"organization_name":"A","email":"Ada <a@example.org>","password":"ten letters"}""", "email")]
    [InlineData("""{"organization_name":"A","email":"a b@example.org","password":"ten letters"}""", "email")]
    [InlineData("""{"organization_name":"A","email":"a@example.org\r\nBcc: b@example.org","password":"ten letters"}""", "email")]
    public async Task Every_bad_field_is_named_at_once(string body, string fields) =>
        Assert.Equal(fields.Split(','), (await Anyone.PostAsync("/api/auth/register", body)).WrongFields());

    [Fact]
    public async Task Every_oversized_field_is_named_at_once()
    {
        var (long201, local, long257) = (new string('o', 201), new string('l', 250), new string('p', 257));
        var answer = await Anyone.PostAsync("/api/auth/register", $$"""{"organization_name":"{{long201}}","email":"{{local}}@example.org","password":"{{long257}}","name":"{{long201}}"}""");
        Assert.Equal(["email", "name", "organization_name", "password"], answer.WrongFields());
    }

    [Fact]
    public async Task Closed_registration_is_refused_and_sign_in_stays_open()
    {
        await using var closed = await LexCustisServer.StartAsync(new() { ["ALLOW_REGISTRATION"] = "false" }, shared.Server.Database);
        var anyone = new Api(closed.Http, null);

        (await anyone.PostAsync("/api/auth/register", """{"organization_name":"A","email":"closed@example.org","password":"ten letters"}""")).Problem(403);
        var admin = await Api.RegisterAsync(shared.Server);
        await Api.LoginAsync(closed, admin.Email, admin.Password);
    }
}
