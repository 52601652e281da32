using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

internal sealed record EvidenceResponse(
    Guid Id, string Name, string MediaType, long Size, string Sha256, Guid AddedBy, DateTimeOffset AddedAt, ReceiptResponse Receipt);

/// <summary>Adds a file to an incident that is not closed. It can't be changed or taken away again, and its hash is in the chain.</summary>
internal static class AddEvidence
{
    public const long SizeLimit = 10 << 20;
    private const int FileLimit = 20;

    public static void Map(RouteGroupBuilder reported) => reported.MapPost("/{id:guid}/evidence", Handle).WithMetadata(new FileSizeLimit(SizeLimit))
        .TakesFile("Any file of at most 10 MiB.")
        .Answers(StatusCodes.Status409Conflict, "The incident is closed, or has as many files as it can hold.");

    private static async Task<Results<Created<EvidenceResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, HttpContext http, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Before the file is read: whoever may not add one shall not send one.
        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
        {
            if (await Incident.FindAsync(transaction, id, IncidentsEndpoints.SeesOnly(tenant), cancellationToken) is null)
                return Problems.NotFound("incident");
        }

        await using var file = new UploadedFile();
        var (wrong, refused) = await file.ReadAsync(http.Request, SizeLimit, cancellationToken);
        if (wrong is not null)
            return wrong;
        if (refused is not null)
            return refused;

        var (evidence, now) = (entries.NewId(), AuditEncoder.Microseconds(clock.GetUtcNow()));
        var entry = entries.IncidentChanged(tenant, id, json =>
        {
            json.WriteStartObject("evidence"u8);
            json.WriteString("id"u8, evidence);
            json.WriteString("sha256"u8, Convert.ToHexStringLower(file.Sha256));
            json.WriteNumber("size"u8, file.Size);
            json.WriteEndObject();
        });
        await using var adding = await database.BeginAsync(tenant, cancellationToken);
        // Holds the incident's row, so that files are counted one by one.
        if (await adding.ExecuteAsync("UPDATE incidents SET updated_at = $3, entry_ids = entry_ids || $4::uuid WHERE organization_id = $1 AND id = $2 AND status <> 'closed'",
            [tenant.OrganizationId, id, now.UtcDateTime, entry.Id], cancellationToken) == 0)
        {
            return Problems.Conflict("The incident is closed: open it again to add evidence.");
        }

        if (await adding.ScalarAsync<long>("SELECT count(*) FROM incident_evidence WHERE organization_id = $1 AND incident_id = $2", [tenant.OrganizationId, id], cancellationToken) >= FileLimit)
            return Problems.Conflict($"The incident has {FileLimit} files already, which is as many as it can hold.");

        await adding.ExecuteAsync("""
            INSERT INTO incident_evidence (id, organization_id, incident_id, name, media_type, size, sha256, bytes, added_by, added_at)
            VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10)
            """, [tenant.OrganizationId, evidence, id, file.Name, file.MediaType, file.Size, file.Sha256, file.Content, tenant.UserId, now.UtcDateTime], cancellationToken);
        var receipt = await audit.AppendAsync(adding, entry, cancellationToken);
        await adding.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/incidents/{id}/evidence/{evidence}", new EvidenceResponse(
            evidence, file.Name, file.MediaType, file.Size, Convert.ToHexStringLower(file.Sha256), tenant.UserId, now, ReceiptResponse.From(receipt)));
    }
}
