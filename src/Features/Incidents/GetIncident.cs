using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

/// <summary>One incident, with its evidence and history.</summary>
internal static class GetIncident
{
    public static void Map(RouteGroupBuilder incidents) => incidents.MapGet("/{id:guid}", Handle);

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        return await Incident.FindAsync(transaction, id, IncidentsEndpoints.SeesOnly(tenant), cancellationToken) is { } incident
            ? TypedResults.Ok(await IncidentResponse.ReadAsync(transaction, incident, clock.GetUtcNow(), cancellationToken))
            : Problems.NotFound("incident");
    }
}
