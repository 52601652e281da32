using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <param name="Body">The exact text that was hashed.</param>
/// <param name="Content">The decrypted object; <c>erased</c> when its key is gone, <c>unreadable</c> when it was changed or its master key is not configured, null when the entry has none.</param>
internal sealed record AuditDetail(
    Guid Id, long Sequence, DateTimeOffset CreatedAt, string EventType, Guid? UserId, Guid? SubjectId, [JsonKind("object", "null")] JsonElement Data, string Body,
    string PreviousHash, string EntryHash, [JsonKind("object", "string", "null")] JsonElement? Content);

/// <summary>One entry with what was said, if anything was. Reading that is itself an entry, written before it is shown.</summary>
internal static class GetEntry
{
    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/{id:guid}", Handle);

    private static async Task<Results<Ok<AuditDetail>, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var row = await transaction.FirstAsync("""
            SELECT id, sequence, created_at, event_type, user_id, subject_id, body, previous_hash, entry_hash, content
            FROM audit_logs WHERE organization_id = $1 AND id = $2
            """, [tenant.OrganizationId, id],
            static row => new
            {
                Detail = new AuditDetail(
                    row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.GetString(3),
                    row.IsDBNull(4) ? null : row.GetGuid(4), row.IsDBNull(5) ? null : row.GetGuid(5), EntryData.Of(row.GetString(6)), row.GetString(6),
                    Convert.ToHexStringLower(row.GetFieldValue<byte[]>(7)), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(8)), Content: null),
                Content = row.IsDBNull(9) ? null : row.GetFieldValue<byte[]>(9),
            }, cancellationToken);
        if (row is null)
            return Problems.NotFound("audit entry");

        var content = await subjectKeys.ReaderFor(transaction).OpenAsync(row.Detail.SubjectId, id, row.Content, cancellationToken);
        if (content.IsReadable)
        {
            await audit.AppendAsync(transaction, entries.ContentRead(tenant, id), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return TypedResults.Ok(row.Detail with { Content = content.ToElement() });
    }
}
