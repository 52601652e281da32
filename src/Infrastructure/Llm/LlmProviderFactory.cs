namespace LexCustis.Infrastructure.Llm;

/// <summary>Makes the provider of a turn from the organization's settings, then the operator's, then <c>extractive</c>.</summary>
internal sealed class LlmProviderFactory(UpstreamClient client, ProviderDefaults defaults)
{
    private const string UnknownRegion = "unspecified";

    private static readonly IReadOnlyList<ChatMessage> TestPrompt = [new(ChatRole.User, "Reply with the word OK.")];

    /// <summary>Never fails: settings that can't work give a provider that says so when it is used.</summary>
    public ILlmProvider Create(ProviderSettings organization)
    {
        var name = organization.Provider ?? defaults.Provider ?? ProviderNames.Extractive;
        if (name == ProviderNames.Extractive)
            return new ExtractiveProvider();

        var target = Resolve(name, organization);
        var model = organization.Model ?? target.Model;
        if (Reason(name, model, target, out var endpoint) is { } reason)
            return new UnusableProvider(name, model ?? "", target.Region, reason);
        return name switch
        {
            ProviderNames.Mistral => new MistralProvider(client, endpoint!, target.ApiKey, model!, target.Region),
            ProviderNames.Ollama => new OllamaProvider(client, endpoint!, target.ApiKey, model!, target.Region),
            _ => new OpenAiCompatibleProvider(client, endpoint!, target.ApiKey, model!, target.Region),
        };
    }

    /// <summary>One short call, stopped at its first piece.</summary>
    /// <exception cref="OperationCanceledException">Only when <paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ProviderTest> TestAsync(ProviderSettings organization, CancellationToken cancellationToken)
    {
        var provider = Create(organization);
        var report = new UpstreamReport();
        var started = client.Clock.GetTimestamp();
        string? error = null;
        try
        {
            await foreach (var _ in provider.StreamChatAsync(TestPrompt, temperature: 0, report, cancellationToken))
                break;
        }
        catch (UpstreamException e)
        {
            error = e.Message;
        }

        var latency = (long)client.Clock.GetElapsedTime(started).TotalMilliseconds;
        return new ProviderTest(error is null, latency, report.Model ?? provider.Model, error);
    }

    /// <summary>
    /// The operator's key goes only to the operator's address, and an organization's key only to the provider that it was set with.
    /// Else the admin of one organization could name a server of their own and be sent the key that serves all.
    /// </summary>
    private Target Resolve(string name, ProviderSettings organization)
    {
        var target = name switch
        {
            ProviderNames.Mistral => new Target(
                defaults.MistralBaseUrl ?? MistralProvider.DefaultBaseUrl, defaults.MistralApiKey, defaults.MistralModel ?? MistralProvider.DefaultModel, "eu"),
            ProviderNames.Ollama => new Target(
                defaults.OllamaBaseUrl ?? OllamaProvider.DefaultBaseUrl, null, defaults.OllamaModel ?? OllamaProvider.DefaultModel, "self-hosted"),
            ProviderNames.OpenAiCompatible => new Target(defaults.BaseUrl, defaults.ApiKey, defaults.Model, defaults.DataRegion ?? UnknownRegion),
            _ => new Target(null, null, null, UnknownRegion),
        };
        if (organization.Provider is null)
            return target;
        if (organization.BaseUrl is null)
            return target with { ApiKey = organization.ApiKey ?? target.ApiKey };

        // What is known of the operator's address says nothing about this one; Ollama alone is self-hosted by what it is.
        var region = name == ProviderNames.Ollama ? target.Region : UnknownRegion;
        return target with { BaseUrl = organization.BaseUrl, ApiKey = organization.ApiKey, Region = organization.Region ?? region };
    }

    private static string? Reason(string name, string? model, Target target, out Uri? endpoint)
    {
        endpoint = null;
        if (!ProviderNames.All.Contains(name))
            return "is not one that LexCustis knows";
        if (target.BaseUrl is null)
            return "has no base URL set";
        if (!ProviderUrl.TryParse(target.BaseUrl, out endpoint, out var problem))
            return $"has a base URL that cannot be used: it {problem}";
        if (string.IsNullOrWhiteSpace(model))
            return "has no model set";
        if (target.ApiKey is { } key && !ProviderSettings.IsToken(key))
            return "has an API key with characters that no key has";
        return null;
    }

    private sealed record Target(string? BaseUrl, string? ApiKey, string? Model, string Region);
}

/// <summary>How a test call went.</summary>
/// <param name="LatencyMs">Until the first piece, or until it failed.</param>
/// <param name="Model">The model that answered, else the one asked for.</param>
/// <param name="Error">Fit for the user; null when it went well.</param>
internal sealed record ProviderTest(bool Ok, long LatencyMs, string Model, string? Error);
