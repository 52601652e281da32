using System.Runtime.CompilerServices;
using LexCustis.Infrastructure.Llm.Extractive;

namespace LexCustis.Infrastructure.Llm;

/// <summary>Answers without a model: quotes the sentences of the retrieved passages that share most with the question, and names their sources.</summary>
internal sealed class ExtractiveProvider : ILlmProvider
{
    public string Name => ProviderNames.Extractive;

    public string Model => ProviderNames.Extractive;

    public string DataRegion => "self-hosted";

    public async IAsyncEnumerable<string> StreamChatAsync(
        IReadOnlyList<ChatMessage> messages, double temperature = 0.3, UpstreamReport? report = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = messages.LastOrDefault(m => m.Role == ChatRole.User);
        var answer = last is null ? "" : ExtractiveAnswer.Compose(PromptBuilder.QuestionOf(last), last.Sources);
        for (var start = 0; start < answer.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var space = answer.IndexOf(' ', start);
            var end = space < 0 ? answer.Length : space + 1;
            yield return answer[start..end];
            start = end;
            // Lets the piece go out before the next is made, as with any other provider.
            await Task.Yield();
        }

        if (report is null)
            yield break;
        report.Model = Model;
        report.FinishReason = "stop";
    }
}
