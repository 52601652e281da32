using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Gateway;

/// <summary>A turn in OpenAI's chunks. Receipt and checks come on the last one, which ordinary clients read past.</summary>
internal sealed class CompletionStream(SseWriter writer, CompletionHead head, bool includeUsage) : ITurnObserver
{
    private ComplianceReport? compliance;
    private CompletionReceipt? receipt;
    private bool failed;

    public ValueTask StartAsync(Guid? conversationId) => WriteAsync(Chunk(new CompletionMessage("assistant", "")));

    public ValueTask SourcesAsync(IReadOnlyList<Passage> sources, IReadOnlyList<RetrievalTrouble> degraded) => ValueTask.CompletedTask;

    public ValueTask TokenAsync(string text) => WriteAsync(Chunk(new CompletionMessage(null, text)));

    public ValueTask FailureAsync(TurnFailure failure)
    {
        failed = true;
        return writer.WriteAsync(OpenAiError.Of(failure.Detail, failure.Kind), OpenAiErrorJson.Default.OpenAiError);
    }

    public ValueTask ComplianceAsync(ComplianceReport report)
    {
        compliance = report;
        return ValueTask.CompletedTask;
    }

    public ValueTask RecordedAsync(AuditReceipt receipt)
    {
        this.receipt = WholeCompletion.Receipt(receipt);
        return ValueTask.CompletedTask;
    }

    public ValueTask LowConfidenceAsync(double confidence, double threshold) => ValueTask.CompletedTask;

    public async ValueTask DoneAsync(UpstreamReport result)
    {
        var last = Chunk(new CompletionMessage(null, null), failed ? "error" : result.FinishReason ?? "stop");
        await WriteAsync(last with { Lexcustis = new CompletionCompliance(receipt, compliance, WholeCompletion.AiNotice) });
        if (includeUsage)
            await WriteAsync(Chunk(null) with { Choices = [], Usage = WholeCompletion.Usage(result) });
        await writer.WriteDoneAsync();
    }

    private ChatCompletion Chunk(CompletionMessage? delta, string? finishReason = null) =>
        new(head.Id, "chat.completion.chunk", head.Created, head.Model, [new CompletionChoice(0, null, delta, finishReason)]);

    private ValueTask WriteAsync(ChatCompletion chunk) => writer.WriteAsync(chunk, GatewayJson.Default.ChatCompletion);
}
