using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.ApiKeys;

public sealed class RevokeApiKeyTests(SharedServer shared)
{
    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_gone_from_the_list()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var created = (await admin.PostAsync("/api/api-keys", """{"name":"k"}""")).Json;
        var key = new Api(shared.Server.Http, created.Text("key"));
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/models")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/api-keys/{created.Text("id")}")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await key.GetAsync("/v1/models")).Status);
        (await admin.DeleteAsync($"/api/api-keys/{created.Text("id")}")).Problem(404);
        Assert.Empty((await admin.GetAsync("/api/api-keys")).Json.GetProperty("items").EnumerateArray());
        Assert.Single(await admin.ReadLogOfAsync("api_key.revoked"));
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("lxc_")]
    [InlineData("lxc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("lxc_'; DROP TABLE api_keys; --")]
    public async Task A_key_that_was_never_made_is_refused(string key) => (await new Api(shared.Server.Http, key).GetAsync("/api/organization")).Problem(401);
}
