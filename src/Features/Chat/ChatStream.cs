using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Chat;

/// <summary>A turn in the product's own frames.</summary>
internal sealed class ChatStream(SseWriter writer) : ITurnObserver
{
    /// <summary>Art. 50(1): people are told that they talk to an AI.</summary>
    private const string AiNotice = "You are talking to an AI system. Its answers can be wrong: check what matters.";

    public ValueTask StartAsync(Guid? conversationId) => writer.WriteAsync(new StartFrame("start", conversationId, AiNotice), ChatJson.Default.StartFrame);

    public ValueTask SourcesAsync(IReadOnlyList<Passage> sources, IReadOnlyList<RetrievalTrouble> degraded) =>
        writer.WriteAsync(new SourcesFrame("sources", sources, degraded.Count > 0 ? degraded : null), ChatJson.Default.SourcesFrame);

    public ValueTask TokenAsync(string text) => writer.WriteAsync(text, static (json, text) =>
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "token"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    });

    public ValueTask FailureAsync(TurnFailure failure) =>
        writer.WriteAsync(new ErrorFrame("error", new ErrorProblem("about:blank", failure.Title, failure.Status, failure.Detail)), ChatJson.Default.ErrorFrame);

    public ValueTask ComplianceAsync(ComplianceReport report) => writer.WriteAsync(
        new ComplianceFrame("compliance", report.Pii, report.Injection, report.Bias, report.Confidence, report.Grounding), ChatJson.Default.ComplianceFrame);

    public ValueTask RecordedAsync(AuditReceipt receipt) =>
        writer.WriteAsync(new AuditFrame("audit", receipt.Id, receipt.Sequence, Convert.ToHexStringLower(receipt.EntryHash)), ChatJson.Default.AuditFrame);

    public ValueTask LowConfidenceAsync(double confidence, double threshold) => writer.WriteAsync(
        new LowConfidenceFrame("low_confidence", confidence, threshold, "This answer is uncertain. It has been queued for a person to review."), ChatJson.Default.LowConfidenceFrame);

    public ValueTask DoneAsync(UpstreamReport result) => writer.WriteDoneAsync();
}
