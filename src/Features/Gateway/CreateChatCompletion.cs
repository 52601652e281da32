using System.Text.Json;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Gateway;

/// <summary>OpenAI's <c>POST /v1/chat/completions</c>, streamed or not: the same turn, checks and log as the product's own chat.</summary>
internal static class CreateChatCompletion
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder gateway) => gateway.MapPost("/chat/completions", Handle)
        .Accepts<ChatCompletionRequest>("application/json")
        .Produces<ChatCompletion>().AnswersEvents("ChatCompletion", typeof(ChatCompletion))
        .Answers(StatusCodes.Status429TooManyRequests, "Too many requests, or the day's turns are used up.")
        .Answers(StatusCodes.Status502BadGateway, "The model's provider failed or broke off.")
        .Answers(StatusCodes.Status503ServiceUnavailable, "The assistant is suspended, or the model's provider is busy.")
        .Answers(StatusCodes.Status504GatewayTimeout, "The model's provider did not answer in time.");

    private static async Task<Results<EmptyHttpResult, JsonHttpResult<OpenAiError>, JsonHttpResult<ChatCompletion>>> Handle(
        JsonElement body, TenantContext tenant, HttpContext http, TurnAdmission admission, TurnPipeline pipeline, TimeProvider clock, CancellationToken clientGone)
    {
        var (request, parameter, want) = CompletionRequest.Read(body);
        if (request is null)
            return OpenAiError.Result(StatusCodes.Status400BadRequest, want, "invalid_request_error", parameter);

        var (turn, refusal) = await admission.AdmitAsync(tenant, request.Turn, clientGone);
        if (turn is null)
            return Refuse(http, refusal!);

        var head = new CompletionHead($"chatcmpl-{turn.Id:N}", clock.GetUtcNow().ToUnixTimeSeconds(), turn.Provider.Model);
        if (request.Stream)
        {
            await using var writer = new SseWriter(http, clock, KeepAlive);
            await pipeline.RunAsync(turn, new CompletionStream(writer, head, request.IncludeUsage), clientGone);
            return TypedResults.Empty;
        }

        var whole = new WholeCompletion(head);
        await pipeline.RunAsync(turn, whole, clientGone);
        return whole.Failure is { } failure
            ? OpenAiError.Result(failure.Status, failure.Detail, failure.Kind)
            : TypedResults.Json(whole.Result!, GatewayJson.Default.ChatCompletion);
    }

    private static JsonHttpResult<OpenAiError> Refuse(HttpContext http, TurnRefusal refusal)
    {
        if (refusal.Reason == RefusalReason.Suspended)
            return OpenAiError.Result(StatusCodes.Status503ServiceUnavailable, refusal.Detail, TurnOutcome.Suspended);

        var problem = Problems.TooManyRequests(http, refusal.RetryAfter ?? TimeSpan.FromSeconds(1), refusal.Title, refusal.Detail);
        var reason = refusal.Reason == RefusalReason.Budget ? "insufficient_quota" : "rate_limit_exceeded";
        return OpenAiError.Result(problem.StatusCode, refusal.Detail, reason, code: reason);
    }
}

/// <summary>What every object and chunk of one completion repeats.</summary>
internal sealed record CompletionHead(string Id, long Created, string Model);
