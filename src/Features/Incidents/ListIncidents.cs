using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

internal sealed record IncidentSummary(
    Guid Id, string Title, [IncidentSeverityName] string Severity, [IncidentCategoryName] string Category, [IncidentStatusName] string Status, Guid ReportedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset AwareAt, DateTimeOffset Deadline, bool Overdue, DateTimeOffset? AuthorityInformedAt, DateTimeOffset? ClosedAt, IReadOnlyList<Guid> AuditLogIds);

internal sealed record IncidentList(IReadOnlyList<IncidentSummary> Items, string? NextCursor);

/// <summary>The register, newest first; to a member, what they reported themselves.</summary>
internal static class ListIncidents
{
    public static void Map(RouteGroupBuilder incidents) => incidents.MapGet("/", Handle);

    private static async Task<Results<Ok<IncidentList>, ValidationProblem>> Handle(
        [Description("Only incidents of this status."), IncidentStatusName] string? status,
        [Description("Only those that are overdue, or that are not."), AllowedValues("true", "false")] string? overdue, string? cursor, string? limit, TenantContext tenant, TenantDatabase database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;
        var check = new RequestCheck()
            .Require(status is null || IncidentStatus.All.Contains(status), "status", IncidentFields.WantStatus)
            .Require(overdue is null or "true" or "false", "overdue", "Use true or false.");
        if (check.Failed)
            return check.Problem();

        var now = clock.GetUtcNow();
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var rows = await Incident.ListAsync(
            transaction, IncidentsEndpoints.SeesOnly(tenant), status, overdue is null ? null : overdue == "true", now, page.After, page.Limit + 1, cancellationToken);
        var items = page.Cut(rows).Select(incident => new IncidentSummary(
            incident.Id, incident.Title, incident.Severity, incident.Category, incident.Status, incident.ReportedBy, incident.CreatedAt, incident.UpdatedAt,
            incident.AwareAt, incident.Deadline, incident.IsOverdue(now), incident.AuthorityInformedAt, incident.ClosedAt, incident.AuditLogIds));
        return TypedResults.Ok(new IncidentList([.. items], page.Next(rows, static incident => incident.Id)));
    }
}
