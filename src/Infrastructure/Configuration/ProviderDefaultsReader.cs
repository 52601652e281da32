using LexCustis.Infrastructure.Llm;

namespace LexCustis.Infrastructure.Configuration;

/// <summary>Reads what the operator set for providers, and checks that it can work before the first turn needs it.</summary>
internal static class ProviderDefaultsReader
{
    public static ProviderDefaults Read(EnvironmentReader environment)
    {
        var provider = environment.Optional("LLM_PROVIDER");
        if (provider is not null && !ProviderNames.All.Contains(provider))
            throw new SettingException("LLM_PROVIDER", $"use one of {string.Join(", ", ProviderNames.All)}.");

        var defaults = new ProviderDefaults
        {
            Provider = provider,
            MistralApiKey = Key("MISTRAL_API_KEY"),
            MistralModel = environment.Optional("MISTRAL_MODEL"),
            MistralBaseUrl = BaseUrl("MISTRAL_BASE_URL"),
            OllamaBaseUrl = BaseUrl("OLLAMA_BASE_URL"),
            OllamaModel = environment.Optional("OLLAMA_MODEL"),
            BaseUrl = BaseUrl("LLM_BASE_URL"),
            ApiKey = Key("LLM_API_KEY"),
            Model = environment.Optional("LLM_MODEL"),
            DataRegion = environment.Optional("LLM_DATA_REGION"),
        };
        return provider switch
        {
            ProviderNames.Mistral when defaults.MistralApiKey is null && defaults.MistralBaseUrl is null =>
                throw new SettingException("MISTRAL_API_KEY", "is missing. LLM_PROVIDER=mistral needs a key."),
            ProviderNames.OpenAiCompatible when defaults.BaseUrl is null =>
                throw new SettingException("LLM_BASE_URL", "is missing. LLM_PROVIDER=openai-compatible needs the address of its API."),
            ProviderNames.OpenAiCompatible when defaults.Model is null =>
                throw new SettingException("LLM_MODEL", "is missing. LLM_PROVIDER=openai-compatible needs the model's name."),
            _ => defaults,
        };

        string? BaseUrl(string name) => environment.Optional(name) is not { } text ? null
            : ProviderUrl.TryParse(text, out _, out var problem) ? text
            : throw new SettingException(name, $"{problem}; use an address such as https://host/v1.");

        string? Key(string name) => environment.Optional(name) is not { } text ? null
            : ProviderSettings.IsToken(text) ? text
            : throw new SettingException(name, "has characters that no key has: use visible ASCII without spaces.");
    }
}
