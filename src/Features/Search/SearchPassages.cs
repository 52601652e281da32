using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Search;

internal sealed record SearchRequest([Required, StringLength(SearchPassages.MaximumQueryLength)] string? Query, [Range(1, SearchPassages.MaximumLimit)] int? Limit);

/// <param name="Items">Best first.</param>
/// <param name="Degraded">What could not be searched; absent where all was.</param>
internal sealed record SearchResponse(
    IReadOnlyList<Passage> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RetrievalTrouble>? Degraded);

/// <summary>What a turn would be shown for the question: the organization's passages and the knowledge base's.</summary>
internal static class SearchPassages
{
    private const int DefaultLimit = 10;
    public const int MaximumLimit = 50;
    public const int MaximumQueryLength = 10_000;

    public static void Map(RouteGroupBuilder search) => search.MapPost("", Handle)
        .Answers(StatusCodes.Status429TooManyRequests, "Too many requests.");

    private static async Task<Results<Ok<SearchResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        SearchRequest request, TenantContext tenant, HttpContext http, RateLimiter limiter, TenantDatabase database, Retriever retriever, Settings settings, CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .RequireText(request.Query, "query", MaximumQueryLength)
            .Require(request.Limit is null or (>= 1 and <= MaximumLimit), "limit", $"Use a whole number from 1 to {MaximumLimit}.");
        if (check.Failed)
            return check.Problem();

        var rate = await limiter.TakeAsync($"user:{tenant.UserId}", settings.RateLimitPerMinute, cancellationToken);
        if (!rate.Allowed)
            return Problems.TooManyRequests(http, rate.RetryAfter, "Too many requests", "Try again after the seconds in Retry-After.");

        // The retriever asks for the organization, not for the person: whether their session still stands is asked here.
        await using (await database.BeginAsync(tenant, cancellationToken))
        {
        }

        var found = await retriever.FindAsync(tenant.OrganizationId, request.Query!, request.Limit ?? DefaultLimit, cancellationToken);
        return TypedResults.Ok(new SearchResponse(found.Passages, found.Degraded.Count > 0 ? found.Degraded : null));
    }
}
