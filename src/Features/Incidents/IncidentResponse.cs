using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Incidents;

/// <summary>An incident with all that belongs to it.</summary>
/// <param name="ReportedBy">Who put it into the register.</param>
/// <param name="AuthorityInformedAt">When its status became <c>reported</c>.</param>
/// <param name="AllowedStatuses">What its status may become.</param>
/// <param name="LinkedEntries">Those of <c>audit_log_ids</c>, oldest first.</param>
/// <param name="History">Its entries in the log, oldest first.</param>
/// <param name="Receipt">Of the entry that this request appended; null when it changed nothing.</param>
internal sealed record IncidentResponse(
    Guid Id, string Title, string Description, [IncidentSeverityName] string Severity, [IncidentCategoryName] string Category, [IncidentStatusName] string Status, Guid ReportedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset AwareAt, DateTimeOffset Deadline, bool Overdue, DateTimeOffset? AuthorityInformedAt, DateTimeOffset? ClosedAt, [IncidentStatusName] IReadOnlyList<string> AllowedStatuses,
    IReadOnlyList<Guid> AuditLogIds, IReadOnlyList<LinkedEntry> LinkedEntries, IReadOnlyList<IncidentEvidence> Evidence, IReadOnlyList<IncidentEvent> History, ReceiptResponse? Receipt)
{
    public static async Task<IncidentResponse> ReadAsync(TenantTransaction transaction, Incident incident, DateTimeOffset now, CancellationToken cancellationToken) => From(
        incident, now, await LinkedEntry.ListAsync(transaction, incident, cancellationToken),
        await IncidentEvidence.ListAsync(transaction, incident.Id, cancellationToken), await IncidentEvent.ListAsync(transaction, incident, cancellationToken), null);

    public static IncidentResponse From(
        Incident incident, DateTimeOffset now, IReadOnlyList<LinkedEntry> linked, IReadOnlyList<IncidentEvidence> evidence, IReadOnlyList<IncidentEvent> history, AuditReceipt? receipt) => new(
        incident.Id, incident.Title, incident.Description, incident.Severity, incident.Category, incident.Status, incident.ReportedBy, incident.CreatedAt, incident.UpdatedAt,
        incident.AwareAt, incident.Deadline, incident.IsOverdue(now), incident.AuthorityInformedAt, incident.ClosedAt, IncidentStatus.AllowedAfter(incident.Status),
        incident.AuditLogIds, linked, evidence, history, receipt is null ? null : ReceiptResponse.From(receipt));
}
