namespace LexCustis.Infrastructure.Configuration;

/// <summary>The provider settings of the environment, used by each organization that sets none of its own.</summary>
internal sealed record ProviderDefaults
{
    /// <summary><c>mistral</c>, <c>ollama</c>, <c>openai-compatible</c>, <c>extractive</c>, or null: extractive.</summary>
    public string? Provider { get; init; }

    public string? MistralApiKey { get; init; }

    public string? MistralModel { get; init; }

    public Uri? MistralBaseUrl { get; init; }

    public Uri? OllamaBaseUrl { get; init; }

    public string? OllamaModel { get; init; }

    public Uri? BaseUrl { get; init; }

    public string? ApiKey { get; init; }

    public string? Model { get; init; }

    public string? DataRegion { get; init; }

    public static ProviderDefaults Read(EnvironmentReader environment)
    {
        var provider = environment.Optional("LLM_PROVIDER");
        if (provider is not (null or "mistral" or "ollama" or "openai-compatible" or "extractive"))
            throw new SettingException("LLM_PROVIDER", "use mistral, ollama, openai-compatible or extractive.");

        var defaults = new ProviderDefaults
        {
            Provider = provider,
            MistralApiKey = environment.Optional("MISTRAL_API_KEY"),
            MistralModel = environment.Optional("MISTRAL_MODEL"),
            MistralBaseUrl = environment.HttpUrl("MISTRAL_BASE_URL"),
            OllamaBaseUrl = environment.HttpUrl("OLLAMA_BASE_URL"),
            OllamaModel = environment.Optional("OLLAMA_MODEL"),
            BaseUrl = environment.HttpUrl("LLM_BASE_URL"),
            ApiKey = environment.Optional("LLM_API_KEY"),
            Model = environment.Optional("LLM_MODEL"),
            DataRegion = environment.Optional("LLM_DATA_REGION"),
        };
        return provider switch
        {
            "mistral" when defaults.MistralApiKey is null && defaults.MistralBaseUrl is null =>
                throw new SettingException("MISTRAL_API_KEY", "is missing. LLM_PROVIDER=mistral needs a key."),
            "openai-compatible" when defaults.BaseUrl is null =>
                throw new SettingException("LLM_BASE_URL", "is missing. LLM_PROVIDER=openai-compatible needs the address of its API."),
            "openai-compatible" when defaults.Model is null =>
                throw new SettingException("LLM_MODEL", "is missing. LLM_PROVIDER=openai-compatible needs the model's name."),
            _ => defaults,
        };
    }
}
