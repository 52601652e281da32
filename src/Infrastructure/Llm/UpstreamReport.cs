namespace LexCustis.Infrastructure.Llm;

/// <summary>What a provider tells besides the text; a value stays null where it says nothing.</summary>
internal sealed class UpstreamReport
{
    /// <summary>The model that answered, when the provider names one.</summary>
    public string? Model { get; set; }

    public int? PromptTokens { get; set; }

    public int? CompletionTokens { get; set; }

    /// <summary>OpenAI's <c>finish_reason</c>: <c>stop</c>, <c>length</c>, <c>content_filter</c>.</summary>
    public string? FinishReason { get; set; }

    /// <summary>Mean natural logarithm of the answer tokens' probabilities, where the provider gives them.</summary>
    public double? MeanLogProbability { get; set; }
}
