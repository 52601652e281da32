namespace LexCustis.Infrastructure.Llm;

/// <summary>One place that answers chat: a hosted model, a self-hosted one, or the extractive fallback.</summary>
internal interface ILlmProvider
{
    /// <summary>The setting's word for it: <c>mistral</c>, <c>ollama</c>, <c>openai-compatible</c> or <c>extractive</c>.</summary>
    string Name { get; }

    /// <summary>The model asked for, as the provider names it.</summary>
    string Model { get; }

    /// <summary>Where the data goes: <c>eu</c>, <c>self-hosted</c>, or what the operator wrote in <c>LLM_DATA_REGION</c>.</summary>
    string DataRegion { get; }

    /// <summary>Streams the answer piece by piece, each as it arrives; pieces are never empty.</summary>
    /// <param name="report">Filled while streaming with what the provider tells besides text.</param>
    /// <exception cref="UpstreamException">Anything that went wrong upstream, already classified; text yielded before it stays valid.</exception>
    /// <exception cref="OperationCanceledException">Only when <paramref name="cancellationToken"/> was cancelled.</exception>
    IAsyncEnumerable<string> StreamChatAsync(
        IReadOnlyList<ChatMessage> messages, double temperature = 0.3, UpstreamReport? report = null, CancellationToken cancellationToken = default);
}
