using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

/// <summary>A file as it was added. Whatever it is, a browser saves it and runs none of it.</summary>
internal static class GetEvidence
{
    public static void Map(RouteGroupBuilder incidents) => incidents.MapGet("/{id:guid}/evidence/{evidence:guid}", Handle).AnswersFile("application/octet-stream");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Handle(
        Guid id, Guid evidence, HttpContext http, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (await Incident.FindAsync(transaction, id, IncidentsEndpoints.SeesOnly(tenant), cancellationToken) is null)
            return Problems.NotFound("incident");
        var file = await transaction.FirstAsync(
            "SELECT name, bytes FROM incident_evidence WHERE organization_id = $1 AND incident_id = $2 AND id = $3", [tenant.OrganizationId, id, evidence],
            static row => new { Name = row.GetString(0), Bytes = row.GetFieldValue<byte[]>(1) }, cancellationToken);
        if (file is null)
            return Problems.NotFound("evidence");

        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return TypedResults.File(file.Bytes, "application/octet-stream", file.Name);
    }
}
