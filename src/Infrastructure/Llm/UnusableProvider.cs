using System.Runtime.CompilerServices;

namespace LexCustis.Infrastructure.Llm;

/// <summary>Stands in where settings are incomplete, so that a turn fails like any other upstream failure: told, and recorded.</summary>
internal sealed class UnusableProvider(string name, string model, string region, string reason) : ILlmProvider
{
    public string Name => name;

    public string Model => model;

    public string DataRegion => region;

    public async IAsyncEnumerable<string> StreamChatAsync(
        IReadOnlyList<ChatMessage> messages, double temperature = 0.3, UpstreamReport? report = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.FromException(new UpstreamException(UpstreamFailure.Rejected, $"The provider {name} {reason}."));
        yield break;
    }
}
