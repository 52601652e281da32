using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Oversight;

/// <param name="Data">The turn's facts, as they are in the hashed body.</param>
/// <param name="Content">What was said; <c>erased</c> when its key is gone, <c>unreadable</c> when it was changed or its master key is not configured, null when there never was any.</param>
/// <param name="History">Every decision there was, oldest first; the last one stands.</param>
/// <param name="MayDecide">Whether the caller may.</param>
internal sealed record OversightDetail(
    Guid AuditLogId, long Sequence, DateTimeOffset CreatedAt, Guid? UserId,
    [AllowedValues(OversightStatus.Pending, OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string Status,
    IReadOnlyList<string> Reasons,
    string? Outcome, string? Provider, string? Model, double? Confidence, double? Grounding, OversightDecision? Decision,
    [JsonKind("object", "null")] JsonElement Data, [JsonKind("object", "string", "null")] JsonElement? Content, IReadOnlyList<PastDecision> History, bool FourEyes, bool MayDecide);

/// <param name="Content"><c>{note?, corrected_answer?}</c>, <c>erased</c>, <c>unreadable</c>, or null when the reviewer wrote nothing.</param>
internal sealed record PastDecision(
    Guid Id, long Sequence, [AllowedValues(OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string Decision,
    Guid? DecidedBy, DateTimeOffset DecidedAt, Guid? IncidentId, [JsonKind("object", "string", "null")] JsonElement? Content);

/// <summary>One turn with what was said in it and about it. Reading either is an entry of its own, written before it is shown.</summary>
internal static class GetTurn
{
    public static void Map(RouteGroupBuilder read) => read.MapGet("/{id:guid}", Handle);

    private static async Task<Results<Ok<OversightDetail>, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (await OversightTurn.FindAsync(transaction, id, cancellationToken) is not { } turn)
            return Problems.NotFound("turn");

        var fourEyes = (await OrganizationSettings.ReadAsync(transaction, cancellationToken)).FourEyes;
        var rows = await transaction.ListAsync("""
            SELECT id, sequence, created_at, event_type, user_id, body, content, subject_id FROM audit_logs
            WHERE organization_id = $1 AND id = ANY(
                $2::uuid || (SELECT entry_ids FROM audit_log_oversight WHERE organization_id = $1 AND audit_log_id = $2))
            ORDER BY sequence
            """, [tenant.OrganizationId, id],
            static row => new
            {
                Id = row.GetGuid(0),
                Sequence = row.GetInt64(1),
                At = row.GetTime(2),
                Type = row.GetString(3),
                User = row.IsDBNull(4) ? (Guid?)null : row.GetGuid(4),
                Data = EntryData.Of(row.GetString(5)),
                Content = row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
                Subject = row.IsDBNull(7) ? (Guid?)null : row.GetGuid(7),
            }, cancellationToken);

        var keys = subjectKeys.ReaderFor(transaction);
        var shown = new List<AuditEntry>();
        JsonElement? said = null;
        var history = new List<PastDecision>();
        foreach (var row in rows)
        {
            var content = await keys.OpenAsync(row.Subject, row.Id, row.Content, cancellationToken);
            if (content.IsReadable)
                shown.Add(entries.ContentRead(tenant, row.Id));
            if (row.Id == id)
                said = content.ToElement();
            else
                history.Add(new PastDecision(row.Id, row.Sequence, row.Type["oversight.".Length..], row.User, row.At, IncidentOf(row.Data), content.ToElement()));
        }

        if (shown.Count > 0)
        {
            await audit.AppendAsync(transaction, shown, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return TypedResults.Ok(new OversightDetail(
            turn.AuditLogId, turn.Sequence, turn.CreatedAt, turn.UserId, turn.Status, turn.Reasons, turn.Outcome, turn.Provider, turn.Model, turn.Confidence, turn.Grounding,
            turn.Decision, rows.Find(row => row.Id == id)!.Data, said, history, fourEyes,
            tenant.UserRole is Roles.Admin or Roles.Compliance && !(fourEyes && turn.UserId == tenant.UserId)));
    }

    private static Guid? IncidentOf(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty("incident_id"u8, out var incident) && incident.TryGetGuid(out var id) ? id : null;
}
