using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

/// <summary>What is absent or null stays.</summary>
/// <param name="AuditLogIds">The whole set.</param>
internal sealed record ChangeIncidentRequest(
    [StringLength(IncidentFields.TitleLimit, MinimumLength = 1)] string? Title, [StringLength(IncidentFields.DescriptionLimit)] string? Description, [IncidentSeverityName] string? Severity,
    [IncidentCategoryName] string? Category, [Description("RFC 3339, with its offset; not in the future.")] string? AwareAt, [IncidentStatusName] string? Status, IReadOnlyList<Guid>? AuditLogIds);

/// <summary>Changes an incident. A new category or time of awareness moves the deadline, and reminders begin anew.</summary>
internal static class ChangeIncident
{
    public static void Map(RouteGroupBuilder managed) => managed.MapPatch("/{id:guid}", Handle)
        .Answers(StatusCodes.Status409Conflict, "The status cannot become that one.");

    private static async Task<Results<Ok<IncidentResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, ChangeIncidentRequest request, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = AuditEncoder.Microseconds(clock.GetUtcNow());
        var check = new RequestCheck()
            .Require(request.Title is null || (request.Title.Trim().Length > 0 && request.Title.Length <= IncidentFields.TitleLimit), "title", $"Use between 1 and {IncidentFields.TitleLimit} characters.")
            .Require(request.Description is null or { Length: <= IncidentFields.DescriptionLimit }, "description", IncidentFields.WantDescription)
            .Require(request.Severity is null || IncidentSeverity.All.Contains(request.Severity), "severity", IncidentFields.WantSeverity)
            .Require(request.Category is null || IncidentCategory.All.Contains(request.Category), "category", IncidentFields.WantCategory)
            .Require(request.AwareAt is null || IncidentFields.ReadAwareAt(request.AwareAt, now) is not null, "aware_at", IncidentFields.WantAwareAt)
            .Require(request.Status is null || IncidentStatus.All.Contains(request.Status), "status", IncidentFields.WantStatus)
            .Require(request.AuditLogIds is null or { Count: <= IncidentRegister.LinkLimit }, "audit_log_ids", IncidentFields.WantLinks);
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (await Incident.FindAsync(transaction, id, reporter: null, cancellationToken, forUpdate: true) is not { } before)
            return Problems.NotFound("incident");
        if (request.Status is { } wanted && wanted != before.Status && !IncidentStatus.AllowedAfter(before.Status).Contains(wanted))
            return Problems.Conflict($"The incident is {before.Status}: it can become {string.Join(" or ", IncidentStatus.AllowedAfter(before.Status))}.");

        var after = Apply(before, request, now);
        if (request.AuditLogIds is not null && !await IncidentRegister.HoldsAsync(transaction, after.AuditLogIds, user: null, cancellationToken))
            return check.Require(false, "audit_log_ids", IncidentFields.WantLinks).Problem();
        var fields = ChangedFields(before, after);
        if (fields.Count == 0)
            return TypedResults.Ok(await IncidentResponse.ReadAsync(transaction, before, now, cancellationToken));

        var closes = before.Status != IncidentStatus.Closed && after.Status == IncidentStatus.Closed;
        void WriteChange(Utf8JsonWriter json) => WriteFacts(json, before, after, fields);
        var entry = closes ? entries.IncidentClosed(tenant, id, WriteChange) : entries.IncidentChanged(tenant, id, WriteChange);
        await transaction.ExecuteAsync("""
            UPDATE incidents SET title = $3, description = $4, severity = $5, category = $6, status = $7, aware_at = $8, deadline = $9, updated_at = $10,
                authority_informed_at = $11, closed_at = $12, audit_log_ids = $13, entry_ids = entry_ids || $14::uuid,
                reminders = CASE WHEN deadline = $9 THEN reminders ELSE '{}' END
            WHERE organization_id = $1 AND id = $2
            """,
            [tenant.OrganizationId, id, after.Title, after.Description, after.Severity, after.Category, after.Status, after.AwareAt.UtcDateTime, after.Deadline.UtcDateTime,
                now.UtcDateTime, after.AuthorityInformedAt?.UtcDateTime, after.ClosedAt?.UtcDateTime, after.AuditLogIds, entry.Id], cancellationToken);
        var receipt = await audit.AppendAsync(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await IncidentFields.DescribeAsync(database, tenant, id, receipt, now, cancellationToken));
    }

    private static Incident Apply(Incident before, ChangeIncidentRequest request, DateTimeOffset now)
    {
        var after = before with
        {
            Title = request.Title?.Trim() ?? before.Title,
            Description = request.Description?.Trim() ?? before.Description,
            Severity = request.Severity ?? before.Severity,
            Category = request.Category ?? before.Category,
            AwareAt = request.AwareAt is null ? before.AwareAt : IncidentFields.ReadAwareAt(request.AwareAt, now)!.Value,
            Status = request.Status ?? before.Status,
            AuditLogIds = request.AuditLogIds is null ? before.AuditLogIds : [.. request.AuditLogIds.Distinct()],
        };
        return after with
        {
            Deadline = IncidentCategory.DeadlineOf(after.Category, after.AwareAt),
            AuthorityInformedAt = after.Status == IncidentStatus.Reported ? before.AuthorityInformedAt ?? now : before.AuthorityInformedAt,
            ClosedAt = after.Status != IncidentStatus.Closed ? null : before.ClosedAt ?? now,
        };
    }

    private static List<string> ChangedFields(Incident before, Incident after)
    {
        var fields = new List<string>();
        Compare("title", before.Title == after.Title);
        Compare("description", before.Description == after.Description);
        Compare("severity", before.Severity == after.Severity);
        Compare("category", before.Category == after.Category);
        Compare("aware_at", before.AwareAt == after.AwareAt);
        Compare("deadline", before.Deadline == after.Deadline);
        Compare("status", before.Status == after.Status);
        Compare("audit_log_ids", before.AuditLogIds.AsSpan().SequenceEqual(after.AuditLogIds));
        return fields;

        void Compare(string field, bool same)
        {
            if (!same)
                fields.Add(field);
        }
    }

    /// <summary>The names of what changed, and the new values but for those that a person worded.</summary>
    private static void WriteFacts(Utf8JsonWriter json, Incident before, Incident after, List<string> fields)
    {
        json.WriteStartArray("fields"u8);
        foreach (var field in fields)
            json.WriteStringValue(field);
        json.WriteEndArray();
        if (fields.Contains("severity"))
            json.WriteString("severity"u8, after.Severity);
        if (fields.Contains("category"))
            json.WriteString("category"u8, after.Category);
        if (fields.Contains("aware_at"))
            json.WriteString("aware_at"u8, AuditEncoder.FormatTime(after.AwareAt));
        if (fields.Contains("deadline"))
            json.WriteString("deadline"u8, AuditEncoder.FormatTime(after.Deadline));
        if (fields.Contains("status"))
        {
            json.WriteString("from"u8, before.Status);
            json.WriteString("to"u8, after.Status);
        }

        if (fields.Contains("audit_log_ids"))
            IncidentRegister.WriteLinks(json, after.AuditLogIds);
    }
}
