using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>Puts incidents into the register. What is written of them is in the register alone; the log has kinds, times and ids.</summary>
internal sealed class IncidentRegister(AuditEntries entries, TimeProvider clock)
{
    public const int LinkLimit = 100;

    /// <summary>Writes the row; the caller appends the entry as the transaction's last statement.</summary>
    /// <returns>The incident, and its <c>incident.reported</c>.</returns>
    public async Task<(Incident Incident, AuditEntry Entry)> AddAsync(
        TenantTransaction transaction, TenantContext tenant, Guid id, NewIncident report, CancellationToken cancellationToken)
    {
        var now = AuditEncoder.Microseconds(clock.GetUtcNow());
        // Cut to the microsecond, which is what the database keeps.
        var awareAt = AuditEncoder.Microseconds(report.AwareAt ?? now);
        var deadline = IncidentCategory.DeadlineOf(report.Category, awareAt);
        var entry = entries.IncidentReported(tenant, id, json =>
        {
            json.WriteString("severity"u8, report.Severity);
            json.WriteString("category"u8, report.Category);
            json.WriteString("status"u8, IncidentStatus.Open);
            json.WriteString("aware_at"u8, AuditEncoder.FormatTime(awareAt));
            json.WriteString("deadline"u8, AuditEncoder.FormatTime(deadline));
            WriteLinks(json, report.AuditLogIds);
        });
        await transaction.ExecuteAsync("""
            INSERT INTO incidents (id, organization_id, title, description, severity, category, status, aware_at, deadline, reported_by, created_at, updated_at, audit_log_ids, entry_ids)
            VALUES ($2, $1, $3, $4, $5, $6, 'open', $7, $8, $9, $10, $10, $11, $12)
            """,
            [tenant.OrganizationId, id, report.Title, report.Description, report.Severity, report.Category, awareAt.UtcDateTime, deadline.UtcDateTime, tenant.UserId, now.UtcDateTime,
                report.AuditLogIds, new[] { entry.Id }], cancellationToken);
        return (new Incident
        {
            Id = id,
            Title = report.Title,
            Description = report.Description,
            Severity = report.Severity,
            Category = report.Category,
            Status = IncidentStatus.Open,
            AwareAt = awareAt,
            Deadline = deadline,
            ReportedBy = tenant.UserId,
            CreatedAt = now,
            UpdatedAt = now,
            AuditLogIds = report.AuditLogIds,
            EntryIds = [entry.Id],
        }, entry);
    }

    public static void WriteLinks(Utf8JsonWriter json, IReadOnlyList<Guid> links)
    {
        json.WriteStartArray("audit_log_ids"u8);
        foreach (var link in links)
            json.WriteStringValue(link);
        json.WriteEndArray();
    }

    /// <summary>Whether all of these are entries of the organization's log, and of that person's if one is named.</summary>
    public static async Task<bool> HoldsAsync(TenantTransaction transaction, Guid[] links, Guid? user, CancellationToken cancellationToken) => links.Length == 0
        || links.Length == await transaction.ScalarAsync<long>(
            "SELECT count(*) FROM audit_logs WHERE organization_id = $1 AND id = ANY($2) AND ($3::uuid IS NULL OR user_id = $3)",
            [transaction.OrganizationId, links, user], cancellationToken);
}

/// <param name="AwareAt">Null: now.</param>
/// <param name="AuditLogIds">Without repetition, and entries of the organization.</param>
internal sealed record NewIncident(string Title, string Description, string Severity, string Category, DateTimeOffset? AwareAt, Guid[] AuditLogIds);
