using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>One row of the incident register.</summary>
internal sealed record Incident
{
    private const string Columns =
        "id, title, description, severity, category, status, aware_at, deadline, reported_by, created_at, updated_at, authority_informed_at, closed_at, audit_log_ids, entry_ids";

    public required Guid Id { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>One of <see cref="IncidentSeverity"/>.</summary>
    public required string Severity { get; init; }

    /// <summary>One of <see cref="IncidentCategory"/>.</summary>
    public required string Category { get; init; }

    /// <summary>One of <see cref="IncidentStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>When the organization became aware of it.</summary>
    public required DateTimeOffset AwareAt { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    /// <summary>The person who put it into the register.</summary>
    public required Guid ReportedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When its status became <c>reported</c>; stays when it is opened again.</summary>
    public DateTimeOffset? AuthorityInformedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Turns and other entries that belong to it.</summary>
    public required Guid[] AuditLogIds { get; init; }

    /// <summary>Its own entries in the log, oldest first.</summary>
    public required Guid[] EntryIds { get; init; }

    public bool IsOverdue(DateTimeOffset now) => AuthorityInformedAt is null && Status != IncidentStatus.Closed && now > Deadline;

    /// <param name="reporter">Only what this person reported; null for all.</param>
    /// <param name="forUpdate">Holds the row until the transaction ends.</param>
    public static Task<Incident?> FindAsync(TenantTransaction transaction, Guid id, Guid? reporter, CancellationToken cancellationToken, bool forUpdate = false) =>
        transaction.FirstAsync(
            $"SELECT {Columns} FROM incidents WHERE organization_id = $1 AND id = $2 AND ($3::uuid IS NULL OR reported_by = $3){(forUpdate ? " FOR UPDATE" : "")}",
            [transaction.OrganizationId, id, reporter], Read, cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="overdue">With or without those whose deadline has passed unreported; null for both.</param>
    /// <param name="before">Incidents below this id; null begins with the newest.</param>
    public static Task<List<Incident>> ListAsync(
        TenantTransaction transaction, Guid? reporter, string? status, bool? overdue, DateTimeOffset now, Guid? before, int limit, CancellationToken cancellationToken) =>
        transaction.ListAsync($"""
            SELECT {Columns} FROM incidents
            WHERE organization_id = $1 AND ($2::uuid IS NULL OR reported_by = $2) AND ($3::text IS NULL OR status = $3)
              AND ($4::boolean IS NULL OR (authority_informed_at IS NULL AND status <> 'closed' AND deadline < $5) = $4) AND ($6::uuid IS NULL OR id < $6)
            ORDER BY id DESC LIMIT $7
            """, [transaction.OrganizationId, reporter, status, overdue, now.UtcDateTime, before, limit], Read, cancellationToken);

    /// <summary>
    /// Everything that concerns the period: incidents that were known before its end and not closed before its beginning, oldest first. A
    /// dossier's list; titles and descriptions may name people.
    /// </summary>
    public static Task<List<Incident>> ReadPeriodAsync(TenantTransaction transaction, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        transaction.ListAsync($"""
            SELECT {Columns} FROM incidents
            WHERE organization_id = $1 AND created_at < $3 AND (closed_at IS NULL OR closed_at >= $2)
            ORDER BY id
            """, [transaction.OrganizationId, from.UtcDateTime, to.UtcDateTime], Read, cancellationToken);

    private static Incident Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Title = row.GetString(1),
        Description = row.GetString(2),
        Severity = row.GetString(3),
        Category = row.GetString(4),
        Status = row.GetString(5),
        AwareAt = row.GetTime(6),
        Deadline = row.GetTime(7),
        ReportedBy = row.GetGuid(8),
        CreatedAt = row.GetTime(9),
        UpdatedAt = row.GetTime(10),
        AuthorityInformedAt = row.IsDBNull(11) ? null : row.GetTime(11),
        ClosedAt = row.IsDBNull(12) ? null : row.GetTime(12),
        AuditLogIds = row.GetFieldValue<Guid[]>(13),
        EntryIds = row.GetFieldValue<Guid[]>(14),
    };
}
