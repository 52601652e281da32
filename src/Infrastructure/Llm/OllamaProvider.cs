using System.Text.Json;

namespace LexCustis.Infrastructure.Llm;

/// <summary>Models on the operator's own machines, through Ollama's OpenAI-compatible door.</summary>
internal sealed class OllamaProvider(UpstreamClient client, Uri endpoint, string? apiKey, string model, string region)
    : OpenAiCompatibleProvider(client, endpoint, apiKey, model, region)
{
    public const string DefaultBaseUrl = "http://127.0.0.1:11434";
    public const string DefaultModel = "mistral";

    public override string Name => ProviderNames.Ollama;

    /// <summary>Log probabilities too, which feed the confidence score; an Ollama too old to know them ignores the field.</summary>
    protected override void WriteOptions(Utf8JsonWriter json)
    {
        base.WriteOptions(json);
        json.WriteBoolean("logprobs"u8, true);
    }
}
