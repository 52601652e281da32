using LexCustis.Infrastructure.Llm;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Llm;

public sealed class LlmProviderFactoryTests : IAsyncLifetime
{
    private const string OperatorKey = "operator-key-0001";
    private const string OwnKey = "organization-key-0002";

    private readonly UpstreamClient _client = new(new LlmTimeouts(), TimeProvider.System);
    private ScriptedUpstream _operators = null!;
    private ScriptedUpstream _organizations = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        (_operators, _organizations) = (await ScriptedUpstream.StartAsync(), await ScriptedUpstream.StartAsync());

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _operators.DisposeAsync();
        await _organizations.DisposeAsync();
    }

    [Theory]
    [InlineData(null, null, "extractive", "extractive", "self-hosted")]
    [InlineData("mistral", null, "mistral", "mistral-small-latest", "eu")]
    [InlineData("ollama", null, "ollama", "mistral", "self-hosted")]
    [InlineData("openai-compatible", null, "openai-compatible", "operators-model", "unspecified")]
    [InlineData("mistral", "ollama", "ollama", "mistral", "self-hosted")]
    [InlineData("mistral", "extractive", "extractive", "extractive", "self-hosted")]
    public void The_organization_decides_then_the_operator(string? operators, string? organizations, string name, string model, string region)
    {
        var defaults = new ProviderDefaults { Provider = operators, BaseUrl = "http://127.0.0.1:1", Model = "operators-model" };
        var provider = Factory(defaults).Create(new ProviderSettings(organizations));
        Assert.Equal((name, model, region), (provider.Name, provider.Model, provider.DataRegion));
    }

    [Fact]
    public void The_organization_may_choose_the_model_alone() =>
        Assert.Equal("big", Factory(new ProviderDefaults { Provider = "mistral" }).Create(new ProviderSettings(Model: "big")).Model);

    [Fact]
    public void The_operator_names_the_region() =>
        Assert.Equal("fr-par", Factory(Operators("openai-compatible") with { DataRegion = "fr-par" }).Create(ProviderSettings.None).DataRegion);

    [Theory]
    [InlineData("mistral")]
    [InlineData("openai-compatible")]
    public async Task The_operators_key_goes_to_the_operators_address(string provider)
    {
        await AskAsync(Operators(provider), ProviderSettings.None);
        await AskAsync(Operators(provider), new ProviderSettings(provider));
        Assert.Equal(["Bearer " + OperatorKey, "Bearer " + OperatorKey], _operators.Requests.Select(r => r.Authorization));
    }

    [Theory]
    [InlineData("mistral", "mistral")]
    [InlineData("mistral", "openai-compatible")]
    [InlineData("mistral", "ollama")]
    [InlineData("openai-compatible", "mistral")]
    [InlineData("openai-compatible", "openai-compatible")]
    [InlineData("openai-compatible", "ollama")]
    public async Task The_operators_key_never_goes_to_an_organizations_address(string operators, string organizations)
    {
        var settings = new ProviderSettings(organizations, "m", _organizations.BaseUrl);
        await AskAsync(Operators(operators), settings);
        await AskAsync(Operators(operators), settings with { ApiKey = OwnKey });
        Assert.Equal(["", "Bearer " + OwnKey], _organizations.Requests.Select(r => r.Authorization));
        Assert.Empty(_operators.Requests);
    }

    [Fact]
    public async Task Not_even_to_the_operators_address_when_the_organization_wrote_it()
    {
        await AskAsync(Operators("mistral"), new ProviderSettings("mistral", BaseUrl: _operators.BaseUrl));
        Assert.Equal("", Assert.Single(_operators.Requests).Authorization);
    }

    [Fact]
    public async Task An_organizations_key_replaces_the_operators()
    {
        await AskAsync(Operators("mistral"), new ProviderSettings("mistral", ApiKey: OwnKey));
        Assert.Equal("Bearer " + OwnKey, Assert.Single(_operators.Requests).Authorization);
    }

    [Fact]
    public async Task What_comes_without_its_provider_does_not_count()
    {
        await AskAsync(Operators("openai-compatible"), new ProviderSettings(BaseUrl: _organizations.BaseUrl, ApiKey: OwnKey, Region: "moon"));
        Assert.Equal("Bearer " + OperatorKey, Assert.Single(_operators.Requests).Authorization);
        Assert.Empty(_organizations.Requests);
    }

    [Fact]
    public async Task The_keys_of_mistral_and_of_others_are_never_mixed_up()
    {
        var defaults = Operators("mistral") with { BaseUrl = _organizations.BaseUrl, Model = "m" };
        await AskAsync(defaults, new ProviderSettings("openai-compatible"));
        await AskAsync(defaults with { OllamaBaseUrl = _organizations.BaseUrl }, new ProviderSettings("ollama"));
        Assert.All(_organizations.Requests, r => Assert.Equal("", r.Authorization));
        Assert.Equal(2, _organizations.Requests.Count);
    }

    [Theory]
    [InlineData("mistral", null, "unspecified")]
    [InlineData("openai-compatible", null, "unspecified")]
    [InlineData("ollama", null, "self-hosted")]
    [InlineData("mistral", "eu-north", "eu-north")]
    public void An_address_of_its_own_is_in_no_region_that_the_operator_named(string provider, string? region, string expected)
    {
        var settings = new ProviderSettings(provider, "m", "https://example.org", Region: region);
        Assert.Equal(expected, Factory(Operators(provider) with { DataRegion = "eu" }).Create(settings).DataRegion);
    }

    [Theory]
    [InlineData("openai-compatible", null, "m", "has no base URL set")]
    [InlineData("openai-compatible", "ftp://x", "m", "has a base URL that cannot be used: it must be an http or https URL")]
    [InlineData("openai-compatible", "http://user:secret@x", "m", "has a base URL that cannot be used: it must not carry a user or password")]
    [InlineData("openai-compatible", "http://x", null, "has no model set")]
    [InlineData("llama", "http://x", "m", "is not one that LexCustis knows")]
    public async Task Incomplete_settings_fail_when_used_and_say_why(string name, string? baseUrl, string? model, string reason)
    {
        var test = await Factory(new ProviderDefaults()).TestAsync(new ProviderSettings(name, model, baseUrl), Token);
        Assert.False(test.Ok);
        Assert.Equal($"The provider {name} {reason}.", test.Error);
    }

    [Fact]
    public async Task Mistral_is_asked_without_the_fields_that_it_rejects()
    {
        await AskAsync(Operators("mistral"), ProviderSettings.None);
        Assert.Equal(["model", "messages", "temperature", "stream"], _operators.Requests[0].Body.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Ollama_is_asked_for_log_probabilities()
    {
        await AskAsync(new ProviderDefaults { Provider = "ollama", OllamaBaseUrl = _operators.BaseUrl }, ProviderSettings.None);
        Assert.True(_operators.Requests[0].Body.GetProperty("logprobs").GetBoolean());
    }

    [Fact]
    public async Task A_test_tells_the_model_that_answered()
    {
        var test = await Factory(Operators("mistral")).TestAsync(ProviderSettings.None, Token);
        Assert.Equal(new ProviderTest(true, test.LatencyMs, Reply.Model, null), test);
        Assert.InRange(test.LatencyMs, 0, 60_000);
    }

    [Fact]
    public async Task A_test_tells_what_failed()
    {
        _operators.Next(Reply.Status(401));
        var test = await Factory(Operators("mistral")).TestAsync(ProviderSettings.None, Token);
        Assert.Equal("The provider mistral answered 401: it does not accept the API key.", test.Error);
        Assert.Equal((false, MistralProvider.DefaultModel), (test.Ok, test.Model));
    }

    [Fact]
    public async Task A_test_of_extractive_needs_nothing() => Assert.True((await Factory(new ProviderDefaults()).TestAsync(ProviderSettings.None, Token)).Ok);

    [Fact]
    public void A_stored_key_does_not_move_with_the_address()
    {
        var settings = new ProviderSettings("mistral", "m", null, OwnKey);
        Assert.Same(settings, settings.Move("mistral", null));
        Assert.Null(settings.Move("mistral", "https://attacker.example").ApiKey);
        Assert.Null(settings.Move("openai-compatible", null).ApiKey);
    }

    [Fact]
    public void Settings_name_their_problems()
    {
        Assert.Empty(ProviderSettings.None.Problems());
        Assert.Empty(new ProviderSettings("mistral", "m", "https://x/v1", OwnKey).Problems());
        Assert.Equal(["provider"], Fields(new ProviderSettings("gpt")));
        Assert.Equal(["base_url", "api_key"], Fields(new ProviderSettings(BaseUrl: "https://x", ApiKey: OwnKey)));
        Assert.Equal(["base_url", "api_key"], Fields(new ProviderSettings("ollama", BaseUrl: "file:///etc/passwd", ApiKey: "a\nb")));

        static IEnumerable<string> Fields(ProviderSettings settings) => settings.Problems().Select(p => p.Field);
    }

    [Fact]
    public void No_record_prints_a_key()
    {
        Assert.DoesNotContain(OwnKey, new ProviderSettings("mistral", ApiKey: OwnKey).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(OperatorKey, Operators("mistral").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(OperatorKey, Operators("openai-compatible").ToString(), StringComparison.Ordinal);
    }

    private LlmProviderFactory Factory(ProviderDefaults defaults) => new(_client, defaults);

    private ProviderDefaults Operators(string provider) => provider == "mistral"
        ? new ProviderDefaults { Provider = provider, MistralApiKey = OperatorKey, MistralBaseUrl = _operators.BaseUrl }
        : new ProviderDefaults { Provider = provider, ApiKey = OperatorKey, BaseUrl = _operators.BaseUrl, Model = "m" };

    private async Task AskAsync(ProviderDefaults defaults, ProviderSettings settings)
    {
        await foreach (var _ in Factory(defaults).Create(settings).StreamChatAsync([new(ChatRole.User, "Hello?")], cancellationToken: Token))
        {
        }
    }
}
