using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

internal sealed record ReportIncidentRequest(
    [Required, StringLength(IncidentFields.TitleLimit)] string? Title, [StringLength(IncidentFields.DescriptionLimit)] string? Description, [IncidentSeverityName] string? Severity,
    [IncidentCategoryName] string? Category, [Description("RFC 3339, with its offset; not in the future.")] string? AwareAt, IReadOnlyList<Guid>? AuditLogIds);

/// <summary>Puts an incident into the register. Its deadline runs from the time of awareness, not from now.</summary>
internal static class ReportIncident
{
    public static void Map(RouteGroupBuilder reported) => reported.MapPost("/", Handle);

    private static async Task<Results<Created<IncidentResponse>, ValidationProblem>> Handle(
        ReportIncidentRequest request, TenantContext tenant, TenantDatabase database, IncidentRegister incidents, AuditLog audit, AuditEntries entries, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var check = new RequestCheck()
            .RequireText(request.Title, "title", IncidentFields.TitleLimit)
            .Require(request.Description is null or { Length: <= IncidentFields.DescriptionLimit }, "description", IncidentFields.WantDescription)
            .Require(request.Severity is null || IncidentSeverity.All.Contains(request.Severity), "severity", IncidentFields.WantSeverity)
            .Require(request.Category is null || IncidentCategory.All.Contains(request.Category), "category", IncidentFields.WantCategory)
            .Require(request.AwareAt is null || IncidentFields.ReadAwareAt(request.AwareAt, now) is not null, "aware_at", IncidentFields.WantAwareAt)
            .Require(request.AuditLogIds is null or { Count: <= IncidentRegister.LinkLimit }, "audit_log_ids", IncidentFields.WantLinks);
        if (check.Failed)
            return check.Problem();

        Guid[] links = [.. (request.AuditLogIds ?? []).Distinct()];
        var id = entries.NewId();
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (!await IncidentRegister.HoldsAsync(transaction, links, IncidentsEndpoints.SeesOnly(tenant), cancellationToken))
            return check.Require(false, "audit_log_ids", IncidentFields.WantLinks).Problem();

        var report = new NewIncident(
            request.Title!.Trim(), request.Description?.Trim() ?? "", request.Severity ?? IncidentSeverity.Incident, request.Category ?? IncidentCategory.Other,
            request.AwareAt is null ? now : IncidentFields.ReadAwareAt(request.AwareAt, now), links);
        var (incident, entry) = await incidents.AddAsync(transaction, tenant, id, report, cancellationToken);
        var receipt = await audit.AppendAsync(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/incidents/{id}", await IncidentFields.DescribeAsync(database, tenant, incident.Id, receipt, now, cancellationToken));
    }
}
