using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>What overseers did in the range, as the log has it, and what waited for them when the dossier was made.</summary>
internal sealed record OversightCounts(long Approved, long Overridden, long Escalated, long Dismissed, long Suspensions, long Pending)
{
    public long Decisions => Approved + Overridden + Escalated + Dismissed;

    public static async Task<OversightCounts> ReadAsync(TenantTransaction snapshot, DossierRange range, CancellationToken cancellationToken) =>
        await snapshot.FirstAsync("""
            SELECT
                count(*) FILTER (WHERE event_type = 'oversight.approved'), count(*) FILTER (WHERE event_type = 'oversight.overridden'),
                count(*) FILTER (WHERE event_type = 'oversight.escalated'), count(*) FILTER (WHERE event_type = 'oversight.dismissed'),
                count(*) FILTER (WHERE event_type = 'assistant.suspended'),
                (SELECT count(*) FROM audit_logs AS turn
                 WHERE turn.organization_id = $1 AND turn.sequence BETWEEN $2 AND $3 AND turn.body LIKE '%"flags":["%'
                   AND NOT EXISTS (SELECT FROM audit_log_oversight AS decided WHERE decided.organization_id = $1 AND decided.audit_log_id = turn.id))
            FROM audit_logs
            WHERE organization_id = $1 AND sequence BETWEEN $2 AND $3
              AND event_type IN ('oversight.approved', 'oversight.overridden', 'oversight.escalated', 'oversight.dismissed', 'assistant.suspended')
            """, [range.Organization, range.First, range.Last],
            static row => new OversightCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)), cancellationToken)
        ?? throw new InvalidOperationException("An aggregate without a row.");
}
