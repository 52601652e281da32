using System.Globalization;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <param name="Data">The event's own facts, as they are in the hashed body.</param>
/// <param name="HasContent">Whether there is encrypted content to ask for.</param>
internal sealed record AuditItem(
    Guid Id, long Sequence, DateTimeOffset CreatedAt, string EventType, Guid? UserId, [JsonKind("object", "null")] JsonElement Data, bool HasContent, string EntryHash);

internal sealed record AuditList(IReadOnlyList<AuditItem> Items, string? NextCursor);

/// <summary>The log, newest first. The cursor is a sequence: entries that arrive meanwhile change no page.</summary>
internal static class ListEntries
{
    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/", Handle);

    private static async Task<Results<Ok<AuditList>, ValidationProblem>> Handle(
        [AsParameters] AuditFilter filter, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var (query, problem) = filter.Read();
        if (query is null)
            return problem!;

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var rows = await transaction.ListAsync($"""
            SELECT id, sequence, created_at, event_type, user_id, body, content IS NOT NULL, entry_hash FROM audit_logs
            WHERE organization_id = $1 AND sequence < $2
              AND ($3::text IS NULL OR event_type = $3) AND ($4::uuid IS NULL OR user_id = $4)
              AND ($5::timestamptz IS NULL OR created_at >= $5) AND ($6::timestamptz IS NULL OR created_at < $6)
              AND {(query.Flag is null ? "$7::text IS NULL" : TurnFlag.OneIn("body", "$7"))}
            ORDER BY sequence DESC LIMIT $8
            """,
            [tenant.OrganizationId, query.Before, query.EventType, query.User, query.Since?.UtcDateTime, query.Until?.UtcDateTime, query.Flag, query.Limit + 1],
            static row => new AuditItem(
                row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4),
                EntryData.Of(row.GetString(5)), row.GetBoolean(6), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(7))), cancellationToken);

        var more = rows.Count > query.Limit;
        var items = more ? rows.GetRange(0, query.Limit) : rows;
        return TypedResults.Ok(new AuditList(items, more ? items[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }
}
