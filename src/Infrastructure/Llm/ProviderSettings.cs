namespace LexCustis.Infrastructure.Llm;

/// <summary>The words by which settings name a provider.</summary>
internal static class ProviderNames
{
    public const string Mistral = "mistral";
    public const string Ollama = "ollama";
    public const string OpenAiCompatible = "openai-compatible";
    public const string Extractive = "extractive";

    public static IReadOnlyList<string> All { get; } = [Mistral, Ollama, OpenAiCompatible, Extractive];
}

/// <summary>
/// What an organization chose for itself; null is "as the operator has it". The base URL, the key and the region belong to the
/// provider that they are set with, and count only together with it.
/// </summary>
internal sealed record ProviderSettings(string? Provider = null, string? Model = null, string? BaseUrl = null, string? ApiKey = null, string? Region = null)
{
    /// <summary>Nothing chosen.</summary>
    public static ProviderSettings None { get; } = new();

    /// <summary>What is wrong, as (field, reason); empty when the settings may be stored.</summary>
    public IReadOnlyList<(string Field, string Reason)> Problems()
    {
        var problems = new List<(string, string)>();
        if (Provider is not null && !ProviderNames.All.Contains(Provider))
            problems.Add(("provider", $"must be one of {string.Join(", ", ProviderNames.All)}"));
        if (BaseUrl is not null && Provider is null)
            problems.Add(("base_url", "needs a provider to go with it"));
        else if (BaseUrl is not null && !ProviderUrl.TryParse(BaseUrl, out _, out var problem))
            problems.Add(("base_url", problem));
        if (ApiKey is not null && Provider is null)
            problems.Add(("api_key", "needs a provider to go with it"));
        else if (ApiKey is not null && !IsToken(ApiKey))
            problems.Add(("api_key", "must be visible ASCII characters without spaces"));
        return problems;
    }

    /// <summary>
    /// These settings with another provider and base URL. A key that was stored for the old pair is dropped: it is write-only,
    /// and whoever may change the address could otherwise have it sent to a server of their own.
    /// </summary>
    public ProviderSettings Move(string? provider, string? baseUrl) =>
        provider == Provider && baseUrl == BaseUrl ? this : this with { Provider = provider, BaseUrl = baseUrl, ApiKey = null };

    /// <summary>Without the key, so that no log line shows it.</summary>
    public override string ToString() => $"{Provider ?? "default"} {Model} {BaseUrl} {Region}";

    internal static bool IsToken(string key) => key.Length > 0 && key.All(c => c is > ' ' and <= '~');
}

/// <summary>What the operator set in the environment, by the variables' names; null where unset.</summary>
internal sealed record ProviderDefaults
{
    /// <summary><c>LLM_PROVIDER</c></summary>
    public string? Provider { get; init; }

    public string? MistralApiKey { get; init; }

    public string? MistralModel { get; init; }

    public string? MistralBaseUrl { get; init; }

    public string? OllamaBaseUrl { get; init; }

    public string? OllamaModel { get; init; }

    /// <summary><c>LLM_BASE_URL</c>, for <c>openai-compatible</c>, like the three below.</summary>
    public string? BaseUrl { get; init; }

    /// <summary><c>LLM_API_KEY</c></summary>
    public string? ApiKey { get; init; }

    /// <summary><c>LLM_MODEL</c></summary>
    public string? Model { get; init; }

    /// <summary><c>LLM_DATA_REGION</c></summary>
    public string? DataRegion { get; init; }

    /// <summary>Without the keys, so that no log line shows them.</summary>
    public override string ToString() => $"{Provider ?? ProviderNames.Extractive} {Model} {BaseUrl} {DataRegion}";
}
