using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Chat;

/// <param name="ConversationId">Absent: a new conversation begins.</param>
/// <param name="Temperature">Absent: as the organization's settings say.</param>
/// <param name="UseDocuments">Whether passages are retrieved; true when absent.</param>
internal sealed record ChatRequest(
    [Required, StringLength(TurnRequest.MaximumMessageLength)] string? Message, Guid? ConversationId, [Range(0.0, 2.0)] double? Temperature, bool? UseDocuments);

/// <summary>One chat turn, streamed as server-sent events.</summary>
internal static class SendMessage
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder chat) => chat.MapPost("/chat", Handle)
        .AnswersEvents("ChatFrame", typeof(StartFrame), typeof(SourcesFrame), typeof(TokenFrame), typeof(ComplianceFrame), typeof(AuditFrame), typeof(LowConfidenceFrame), typeof(ErrorFrame))
        .Answers(StatusCodes.Status404NotFound, "The caller has no such conversation.")
        .Answers(StatusCodes.Status429TooManyRequests, "Too many requests, or the day's turns are used up.")
        .Answers(StatusCodes.Status503ServiceUnavailable, "Chat is suspended for the organization.");

    private static async Task<Results<EmptyHttpResult, ValidationProblem, ProblemHttpResult>> Handle(
        ChatRequest request, TenantContext tenant, HttpContext http, TurnAdmission admission, TurnPipeline pipeline, TimeProvider clock, CancellationToken clientGone)
    {
        var check = new RequestCheck()
            .RequireText(request.Message, "message", TurnRequest.MaximumMessageLength)
            .Require(request.Temperature is null or (>= 0 and <= 2), "temperature", "Use a number from 0 to 2.");
        if (check.Failed)
            return check.Problem();

        var (turn, refusal) = await admission.AdmitAsync(tenant, new TurnRequest
        {
            Message = request.Message!,
            ConversationId = request.ConversationId,
            Temperature = request.Temperature,
            UseDocuments = request.UseDocuments ?? true,
        }, clientGone);
        if (turn is null)
            return Describe(http, refusal!);

        await using var writer = new SseWriter(http, clock, KeepAlive);
        await pipeline.RunAsync(turn, new ChatStream(writer), clientGone);
        return TypedResults.Empty;
    }

    public static ProblemHttpResult Describe(HttpContext http, TurnRefusal refusal) => refusal.Reason switch
    {
        RefusalReason.NoConversation => Problems.Make(StatusCodes.Status404NotFound, refusal.Title, refusal.Detail),
        RefusalReason.Suspended => Problems.Unavailable(refusal.Title, refusal.Detail),
        _ => Problems.TooManyRequests(http, refusal.RetryAfter ?? TimeSpan.FromSeconds(1), refusal.Title, refusal.Detail),
    };
}
