using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Infrastructure.Oversight;

/// <summary>A turn as overseers see it, without what was said in it.</summary>
/// <param name="UserId">Who asked.</param>
/// <param name="Status"><c>pending</c>, or the current decision.</param>
/// <param name="Reasons">The turn's flags; empty for one that somebody decided on unasked.</param>
/// <param name="Decision">Null while it is pending.</param>
internal sealed record OversightTurn(
    Guid AuditLogId, long Sequence, DateTimeOffset CreatedAt, Guid? UserId,
    [AllowedValues(OversightStatus.Pending, OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string Status,
    IReadOnlyList<string> Reasons,
    string? Outcome, string? Provider, string? Model, double? Confidence, double? Grounding, OversightDecision? Decision)
{
    /// <summary>What <see cref="Read"/> reads, of <c>audit_logs AS turn</c> and <c>audit_log_oversight AS decided</c>, which may be missing.</summary>
    public const string Columns = """
        turn.id, turn.sequence, turn.created_at, turn.user_id, turn.body,
        decided.status, decided.entry_ids[cardinality(decided.entry_ids)], decided.decided_by, decided.decided_at, decided.incident_id
        """;

    public static OversightTurn Read(NpgsqlDataReader row)
    {
        var data = EntryData.Of(row.GetString(4));
        var decision = row.IsDBNull(5)
            ? null
            : new OversightDecision(row.GetGuid(6), row.GetString(5), row.GetGuid(7), row.GetTime(8), row.IsDBNull(9) ? null : row.GetGuid(9));
        return new OversightTurn(
            row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.IsDBNull(3) ? null : row.GetGuid(3), decision?.Decision ?? OversightStatus.Pending, FlagsOf(data),
            Text(data, "outcome"), Text(data, "provider"), Text(data, "model"), Number(data, "confidence"), Number(data, "grounding"), decision);
    }

    /// <summary>One turn; null for an id that is no turn of the organization.</summary>
    public static Task<OversightTurn?> FindAsync(TenantTransaction transaction, Guid id, CancellationToken cancellationToken) => transaction.FirstAsync($"""
        SELECT {Columns} FROM audit_logs AS turn
        LEFT JOIN audit_log_oversight AS decided ON decided.organization_id = $1 AND decided.audit_log_id = turn.id
        WHERE turn.organization_id = $1 AND turn.id = $2 AND turn.event_type = 'chat.completed'
        """, [transaction.OrganizationId, id], Read, cancellationToken);

    /// <summary>
    /// Turns that wait for a decision, and turns that have one, newest first. What waits is what the log flags and no row decides on: a row
    /// that goes missing puts its turn back into the queue.
    /// </summary>
    /// <param name="status">Null for all.</param>
    /// <param name="reason">A flag that they have; null for all.</param>
    /// <param name="before">Turns below this sequence.</param>
    public static Task<List<OversightTurn>> ListAsync(
        TenantTransaction transaction, string? status, string? reason, long before, int limit, CancellationToken cancellationToken) =>
        transaction.ListAsync($"""
            SELECT {Columns}
            FROM (
                (SELECT flagged.sequence FROM audit_logs AS flagged
                 WHERE flagged.organization_id = $1 AND {TurnFlag.AnyIn("flagged.body")} AND flagged.sequence < $3 AND ($2::text IS NULL OR $2 = 'pending')
                   AND NOT EXISTS (SELECT FROM audit_log_oversight AS known WHERE known.organization_id = $1 AND known.sequence = flagged.sequence)
                   AND {(reason is null ? "$5::text IS NULL" : TurnFlag.OneIn("flagged.body", "$5"))}
                 ORDER BY flagged.sequence DESC LIMIT $4)
                UNION ALL
                (SELECT known.sequence FROM audit_log_oversight AS known
                 WHERE known.organization_id = $1 AND known.sequence < $3 AND ($2::text IS NULL OR known.status = $2)
                   AND ($5::text IS NULL OR EXISTS (
                     SELECT FROM audit_logs AS entry WHERE entry.organization_id = $1 AND entry.sequence = known.sequence AND {TurnFlag.OneIn("entry.body", "$5")}))
                 ORDER BY known.sequence DESC LIMIT $4)
            ) AS chosen
            JOIN audit_logs AS turn ON turn.organization_id = $1 AND turn.sequence = chosen.sequence
            LEFT JOIN audit_log_oversight AS decided ON decided.organization_id = $1 AND decided.audit_log_id = turn.id
            ORDER BY turn.sequence DESC LIMIT $4
            """, [transaction.OrganizationId, status, before, limit, reason], Read, cancellationToken);

    /// <summary>Every turn whose current decision was made in the period, in the order of the decisions: a dossier's list.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    public static Task<List<OversightTurn>> ReadDecidedAsync(TenantTransaction transaction, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        transaction.ListAsync($"""
            SELECT {Columns} FROM audit_log_oversight AS decided
            JOIN audit_logs AS turn ON turn.organization_id = $1 AND turn.id = decided.audit_log_id
            WHERE decided.organization_id = $1 AND decided.decided_at >= $2 AND decided.decided_at < $3
            ORDER BY decided.decided_at, turn.sequence
            """, [transaction.OrganizationId, from.UtcDateTime, to.UtcDateTime], Read, cancellationToken);

    private static List<string> FlagsOf(JsonElement data)
    {
        var flags = new List<string>();
        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("flags"u8, out var found) && found.ValueKind == JsonValueKind.Array)
            flags.AddRange(found.EnumerateArray().Where(static flag => flag.ValueKind == JsonValueKind.String).Select(static flag => flag.GetString()!));
        return flags;
    }

    private static string? Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
