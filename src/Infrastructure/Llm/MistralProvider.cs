using System.Text.Json;

namespace LexCustis.Infrastructure.Llm;

/// <summary>Mistral's hosted models, in the EU.</summary>
internal sealed class MistralProvider(UpstreamClient client, Uri endpoint, string? apiKey, string model, string region)
    : OpenAiCompatibleProvider(client, endpoint, apiKey, model, region)
{
    public const string DefaultBaseUrl = "https://api.mistral.ai/v1";
    public const string DefaultModel = "mistral-small-latest";

    public override string Name => ProviderNames.Mistral;

    /// <summary>Nothing: Mistral tells the usage unasked, and answers 422 to a field that it doesn't know, <c>stream_options</c> among them.</summary>
    protected override void WriteOptions(Utf8JsonWriter json)
    {
    }
}
