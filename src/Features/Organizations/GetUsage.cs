using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Organizations;

internal sealed record UsageResponse(DateOnly Day, int Used, int Cap, DateTimeOffset ResetsAt);

/// <summary>Today's chat turns (UTC) against the cap.</summary>
internal static class GetUsage
{
    public static void Map(RouteGroupBuilder organization) => organization.MapGet("/usage", Handle);

    private static async Task<Ok<UsageResponse>> Handle(
        TenantContext tenant, TenantDatabase database, TurnBudget budget, TurnAdmission admission, Settings settings, CancellationToken cancellationToken)
    {
        int cap;
        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
            cap = (await OrganizationSettings.ReadAsync(transaction, cancellationToken)).EffectiveCap(settings.DailyChatCap);

        var usage = await budget.UsageAsync(tenant.OrganizationId, cap, token => admission.CountTurnsOfTodayAsync(tenant.OrganizationId, token), cancellationToken);
        return TypedResults.Ok(new UsageResponse(usage.Day, usage.Used, usage.Cap, usage.ResetsAt));
    }
}
