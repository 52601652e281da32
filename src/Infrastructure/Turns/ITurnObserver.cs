using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// Hears a turn as it happens, in this order, and puts it into its own wire format: start, sources, token…, failure?, compliance, recorded,
/// low confidence?, done. Any of them may throw <see cref="Web.ClientGoneException"/>: then the turn ends, is recorded, and says no more.
/// </summary>
internal interface ITurnObserver
{
    ValueTask StartAsync(Guid? conversationId);

    /// <param name="degraded">What could not be searched for them.</param>
    ValueTask SourcesAsync(IReadOnlyList<Passage> sources, IReadOnlyList<RetrievalTrouble> degraded);

    ValueTask TokenAsync(string text);

    /// <summary>The turn failed; what came before stays true.</summary>
    ValueTask FailureAsync(TurnFailure failure);

    ValueTask ComplianceAsync(ComplianceReport report);

    /// <summary>The entry is in the log, durably.</summary>
    ValueTask RecordedAsync(AuditReceipt receipt);

    ValueTask LowConfidenceAsync(double confidence, double threshold);

    /// <param name="result">What the provider told besides the text.</param>
    ValueTask DoneAsync(Llm.UpstreamReport result);
}

/// <param name="Status">The HTTP status that the failure would have had, were the answer not under way.</param>
/// <param name="Kind">In a word, as OpenAI's API has it: <c>upstream_error</c>, or <c>suspended</c>.</param>
internal sealed record TurnFailure(int Status, string Title, string Detail, string Kind = "upstream_error");
