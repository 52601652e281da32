using System.Net;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.ApiKeys;

public sealed class CreateApiKeyTests(SharedServer shared)
{
    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_its_hash()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var created = await admin.PostAsync("/api/api-keys", """{"name":" Billing "}""");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(["created_at", "id", "key", "name", "prefix", "role"], created.Json.SortedNames());
        Assert.Equal(("Billing", "member"), (created.Json.Text("name"), created.Json.Text("role")));
        var key = created.Json.Text("key")!;
        Assert.StartsWith("lxc_", key, StringComparison.Ordinal);
        Assert.Equal(key[..10], created.Json.Text("prefix"));

        var kept = await shared.Server.Database.ScalarAsync<byte[]>($"SELECT key_hash FROM api_keys WHERE organization_id = '{admin.OrganizationId}'");
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(key)), kept);
        var row = await shared.Server.Database.ScalarAsync<string>($"SELECT api_keys::text FROM api_keys WHERE organization_id = '{admin.OrganizationId}'");
        Assert.DoesNotContain(key[10..], row, StringComparison.Ordinal);

        var list = await admin.GetAsync("/api/api-keys");
        Assert.Equal(["created_at", "created_by", "id", "name", "prefix", "role"], Assert.Single(list.Json.GetProperty("items").EnumerateArray()).SortedNames());
        Assert.DoesNotContain(key[10..], list.Text, StringComparison.Ordinal);
        var entry = Assert.Single(await admin.ReadLogOfAsync("api_key.created"));
        Assert.DoesNotContain(key[..10], entry.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("member", 200, 403, 403)]
    [InlineData("auditor", 403, 200, 403)]
    [InlineData("compliance", 200, 200, 403)]
    [InlineData("admin", 200, 200, 200)]
    public async Task A_key_may_do_what_its_role_may(string role, int models, int audit, int users)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var key = new Api(shared.Server.Http, (await admin.PostAsync("/api/api-keys", $$"""{"name":"k","role":"{{role}}"}""")).Json.Text("key"));

        Assert.Equal(models, (int)(await key.GetAsync("/v1/models")).Status);
        Assert.Equal(audit, (int)(await key.GetAsync("/api/audit")).Status);
        Assert.Equal(users, (int)(await key.GetAsync("/api/users")).Status);
        Assert.Equal(role, (await key.GetAsync("/api/auth/me")).Json.Text("user_role"));
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name":" ","role":"god"}""", "name,role")]
    [InlineData("""{"name":{}}""", "name")]
    public async Task Every_bad_field_is_named_at_once(string body, string fields)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(fields.Split(','), (await admin.PostAsync("/api/api-keys", body)).WrongFields());
    }
}
