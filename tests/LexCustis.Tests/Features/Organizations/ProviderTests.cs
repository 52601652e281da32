using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Organizations;

/// <summary>Whose key goes where.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    private const string NoDocuments = ""","use_documents":false""";

    private ScriptedUpstream operators = null!;
    private ScriptedUpstream organizations = null!;
    private LexCustisServer server = null!;

    public async ValueTask InitializeAsync()
    {
        (operators, organizations) = (await ScriptedUpstream.StartAsync(), await ScriptedUpstream.StartAsync());
        server = await LexCustisServer.StartAsync(new()
        {
            ["LLM_PROVIDER"] = "openai-compatible",
            ["LLM_BASE_URL"] = operators.BaseUrl,
            ["LLM_API_KEY"] = "key-of-the-operator",
            ["LLM_MODEL"] = "operators-model",
            ["LLM_DATA_REGION"] = "eu-west",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await operators.DisposeAsync();
        await organizations.DisposeAsync();
    }

    [Fact]
    public async Task Each_key_goes_to_its_own_address_and_nowhere_else()
    {
        var (first, second) = (await Api.RegisterAsync(server), await Api.RegisterAsync(server));

        // As the operator has it.
        var data = (await first.ReadEntryAsync(await first.ChatAsync("One.", NoDocuments))).GetProperty("data");
        Assert.Equal("eu-west", data.Text("region"));
        Assert.Equal("operators-model", Assert.Single(operators.Requests).Body.Text("model"));
        Assert.Equal("Bearer key-of-the-operator", operators.Requests[0].Authorization);

        // An address of the organization's own, without and then with a key of its own.
        await second.PatchAsync("/api/organization", $$"""{"provider":"openai-compatible","base_url":"{{organizations.BaseUrl}}","model":"theirs"}""");
        await second.ChatAsync("Two.", NoDocuments);
        Assert.Equal("", organizations.Requests[^1].Authorization);
        await second.PatchAsync("/api/organization", """{"provider_api_key":"key-of-the-organization"}""");
        data = (await second.ReadEntryAsync(await second.ChatAsync("Three.", NoDocuments))).GetProperty("data");
        Assert.Equal("Bearer key-of-the-organization", organizations.Requests[^1].Authorization);
        Assert.Equal("theirs", organizations.Requests[^1].Body.Text("model"));
        Assert.Equal("unspecified", data.Text("region"));

        // Another address: the key stays behind.
        await second.PatchAsync("/api/organization", $$"""{"base_url":"{{operators.BaseUrl}}"}""");
        await second.ChatAsync("Four.", NoDocuments);
        Assert.Equal("", operators.Requests[^1].Authorization);

        Assert.All(organizations.Requests, static request => Assert.DoesNotContain("operator", request.Authorization, StringComparison.Ordinal));
        Assert.Single(operators.Requests, static request => request.Authorization.Length > 0);
        foreach (var admin in (Api[])[first, second])
        {
            Assert.DoesNotContain("key-of-the", (await admin.GetAsync("/api/organization")).Text, StringComparison.Ordinal);
            Assert.DoesNotContain("key-of-the", string.Concat((await admin.ReadLogAsync()).Select(static entry => entry.GetRawText())), StringComparison.Ordinal);
            await admin.AssertLogIsCleanAsync();
        }

        Assert.DoesNotContain("key-of-the", server.Process.Log, StringComparison.Ordinal);
        Assert.Equal(0, await server.Database.ScalarAsync<long>("SELECT count(*) FROM organizations AS o WHERE o::text LIKE '%key-of-the%' OR encode(provider_api_key, 'escape') LIKE '%key-of-the%'"));
    }

    [Fact]
    public async Task A_provider_can_be_tried_before_it_is_used()
    {
        var admin = await Api.RegisterAsync(server);
        await admin.UseUpstreamAsync(organizations);

        var good = (await admin.PostAsync("/api/organization/provider/test")).Json;
        Assert.True(good.GetProperty("ok").GetBoolean());
        Assert.Equal("scripted-1", good.Text("model"));
        Assert.True(good.GetProperty("latency_ms").GetInt64() >= 0);

        organizations.Next(Reply.Status(401, "Wrong key: key-of-the-organization"));
        var bad = await admin.PostAsync("/api/organization/provider/test");
        Assert.False(bad.Json.GetProperty("ok").GetBoolean());
        Assert.Contains("does not accept the API key", bad.Json.Text("error"), StringComparison.Ordinal);
        Assert.DoesNotContain("key-of-the-organization", bad.Text, StringComparison.Ordinal);

        // A test is no turn.
        Assert.Empty(await admin.ReadLogAsync("&event_type=chat.completed"));
        Assert.Equal(0, (await admin.GetAsync("/api/organization/usage")).Json.GetProperty("used").GetInt32());
        (await (await admin.AddUserAsync(server, "member")).PostAsync("/api/organization/provider/test")).Problem(403);
    }
}
