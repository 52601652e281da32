using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Organizations;

/// <summary>One short call to the provider as it is set now, with nothing of anyone's in it.</summary>
internal static class TestProvider
{
    public static void Map(RouteGroupBuilder administered) => administered.MapPost("/provider/test", Handle)
        .Answers(StatusCodes.Status429TooManyRequests, "Too many requests.");

    private static async Task<Results<Ok<ProviderTest>, ProblemHttpResult>> Handle(
        TenantContext tenant, HttpContext http, RateLimiter limiter, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, Settings settings,
        CancellationToken cancellationToken)
    {
        // Each test makes this server call an address that an admin chose: as slow as chatting.
        var rate = await limiter.TakeAsync($"user:{tenant.UserId}", settings.RateLimitPerMinute, cancellationToken);
        if (!rate.Allowed)
            return Problems.TooManyRequests(http, rate.RetryAfter, "Too many requests", "Try again after the seconds in Retry-After.");

        OrganizationSettings organization;
        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
            organization = await OrganizationSettings.ReadAsync(transaction, cancellationToken);
        return TypedResults.Ok(await providers.TestAsync(organization.ProviderSettings(masterKeys), cancellationToken));
    }
}
