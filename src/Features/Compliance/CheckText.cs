using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Compliance;

/// <param name="Role"><c>user</c> runs what a prompt gets, <c>assistant</c> what an answer gets; absent: both.</param>
internal sealed record CheckTextRequest([Required, StringLength(TurnRequest.MaximumMessageLength)] string? Text, [AllowedValues("user", "assistant")] string? Role);

/// <summary>Runs the checks on a text without a turn: nothing is sent, nothing is kept.</summary>
internal static class CheckText
{
    public static void Map(RouteGroupBuilder compliance) => compliance.MapPost("/check", Handle)
        .Answers(StatusCodes.Status429TooManyRequests, "Too many requests.");

    private static async Task<Results<Ok<CheckReport>, ValidationProblem, ProblemHttpResult>> Handle(
        CheckTextRequest request, TenantContext tenant, HttpContext http, RateLimiter limiter, TenantDatabase database, Settings settings, CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .RequireText(request.Text, "text", TurnRequest.MaximumMessageLength)
            .Require(request.Role is null or "user" or "assistant", "role", "Use user or assistant.");
        if (check.Failed)
            return check.Problem();

        var rate = await limiter.TakeAsync($"user:{tenant.UserId}", settings.RateLimitPerMinute, cancellationToken);
        if (!rate.Allowed)
            return Problems.TooManyRequests(http, rate.RetryAfter, "Too many requests", "Try again after the seconds in Retry-After.");

        // Nothing is read: but a session that has ended may not even ask.
        await using (await database.BeginAsync(tenant, cancellationToken))
        {
        }

        var text = request.Text!;
        return TypedResults.Ok(new CheckReport(
            PersonalData.Find(text),
            request.Role is "assistant" ? [] : PromptInjection.Find(text),
            request.Role is "user" ? [] : Bias.Find(text)));
    }
}
