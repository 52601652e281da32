using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Oversight;

/// <param name="CorrectedAnswer">What the answer should have been: needed by <c>overridden</c>, and only there.</param>
/// <param name="Replaces">The id of the decision that this one changes; null decides for the first time.</param>
internal sealed record DecisionRequest(
    [Required, AllowedValues(OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string? Decision,
    [StringLength(DecideTurn.NoteLimit)] string? Note, [StringLength(DecideTurn.AnswerLimit)] string? CorrectedAnswer, Guid? Replaces);

/// <param name="Current">The decision that stands; null when there is none.</param>
internal sealed record DecisionConflict(OversightDecision? Current);

/// <summary>The turn as it stands now, with the receipt of the decision's entry.</summary>
internal sealed record DecidedTurn(
    Guid AuditLogId, long Sequence, DateTimeOffset CreatedAt, Guid? UserId,
    [AllowedValues(OversightStatus.Pending, OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string Status,
    IReadOnlyList<string> Reasons,
    string? Outcome, string? Provider, string? Model, double? Confidence, double? Grounding, OversightDecision Decision, ReceiptResponse Receipt);

/// <summary>
/// Decides on a turn, flagged or not. Of several reviewers at once one decides; the others learn what was decided, and may change it by
/// naming it. The decision, its entry and the incident that it may lead to commit together.
/// </summary>
internal static class DecideTurn
{
    public const int NoteLimit = 10_000;
    public const int AnswerLimit = 100_000;

    public static void Map(RouteGroupBuilder decided) => decided.MapPut("/{id:guid}", Handle)
        .Answers(StatusCodes.Status403Forbidden, "Four-eyes is on, and the caller asked: another reviewer has to decide.")
        .Answers<DecisionConflict>(StatusCodes.Status409Conflict, "Someone else decided meanwhile (`current` says what), or the content was erased and can't be written about any more.");

    private static async Task<Results<Ok<DecidedTurn>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, DecisionRequest request, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, IncidentRegister incidents,
        AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var overrides = request.Decision == OversightStatus.Overridden;
        var check = new RequestCheck()
            .Require(OversightStatus.Decisions.Contains(request.Decision), "decision", $"Use one of {string.Join(", ", OversightStatus.Decisions)}.")
            .Require(request.Note is null or { Length: <= NoteLimit }, "note", $"Use at most {NoteLimit} characters.")
            .Require(overrides || string.IsNullOrWhiteSpace(request.CorrectedAnswer), "corrected_answer", "Leave it out: only overridden has a corrected answer.");
        if (overrides)
            check.RequireText(request.CorrectedAnswer, "corrected_answer", AnswerLimit);
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (await OversightTurn.FindAsync(transaction, id, cancellationToken) is not { UserId: { } asker } turn)
            return Problems.NotFound("turn");
        if (asker == tenant.UserId && (await OrganizationSettings.ReadAsync(transaction, cancellationToken)).FourEyes)
            return Problems.Forbidden("Four-eyes is on: the person who asked can't decide on their own turn. Another reviewer has to.");

        var entry = entries.NewId();
        var remark = new OversightRemark
        {
            Note = string.IsNullOrWhiteSpace(request.Note) ? null : request.Note.Trim(),
            CorrectedAnswer = overrides ? request.CorrectedAnswer!.Trim() : null,
        };
        byte[]? content = null;
        if (remark.Note is not null || remark.CorrectedAnswer is not null)
        {
            if (await IsErasedAsync(transaction, id, cancellationToken) || (content = await remark.SealAsync(transaction, subjectKeys, asker, entry, cancellationToken)) is null)
                return Problems.Conflict("What was said in this turn was erased or has expired: nothing more can be written about it, and only a decision without note and correction can be recorded.");
        }

        var now = AuditEncoder.Microseconds(clock.GetUtcNow());
        var incident = request.Decision == OversightStatus.Escalated ? entries.NewId() : (Guid?)null;
        var (decided, escalatedTo) = await DecideAsync(transaction, turn, request.Decision!, request.Replaces, entry, incident, tenant.UserId, now, cancellationToken);
        if (!decided)
            return await DescribeConflictAsync(transaction, id, request.Replaces, cancellationToken);

        var events = new List<AuditEntry>(2)
        {
            AuditEntries.TurnDecided(tenant, entry, request.Decision!, id, asker, request.Replaces, incident is null ? null : escalatedTo, content),
        };
        if (incident is { } made && made == escalatedTo)
        {
            // The reviewer's note may hold personal data, and stays where erasure reaches it.
            var report = new NewIncident($"Escalated turn {turn.Sequence}", "", IncidentSeverity.Incident, IncidentCategory.Other, now, [id]);
            events.Add((await incidents.AddAsync(transaction, tenant, made, report, cancellationToken)).Entry);
        }

        var receipts = await audit.AppendAsync(transaction, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new DecidedTurn(
            turn.AuditLogId, turn.Sequence, turn.CreatedAt, turn.UserId, request.Decision!, turn.Reasons, turn.Outcome, turn.Provider, turn.Model, turn.Confidence, turn.Grounding,
            new OversightDecision(entry, request.Decision!, tenant.UserId, now, escalatedTo), ReceiptResponse.From(receipts[0])));
    }

    /// <summary>
    /// The statement that decides: a first decision only where there is none, a change only of the decision that it names. It waits for
    /// whoever is deciding on the same turn at this moment. An incident that the turn was escalated to before stays its incident.
    /// </summary>
    private static async Task<(bool Decided, Guid? Incident)> DecideAsync(
        TenantTransaction transaction, OversightTurn turn, string decision, Guid? replaces, Guid entry, Guid? incident, Guid reviewer, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var rows = replaces is null
            ? await transaction.ListAsync("""
                INSERT INTO audit_log_oversight (organization_id, audit_log_id, sequence, status, decided_by, decided_at, entry_ids, incident_id)
                VALUES ($1, $2, $3, $4, $5, $6, ARRAY[$7::uuid], $8)
                ON CONFLICT DO NOTHING RETURNING incident_id
                """, [transaction.OrganizationId, turn.AuditLogId, turn.Sequence, decision, reviewer, now.UtcDateTime, entry, incident],
                static row => row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), cancellationToken)
            : await transaction.ListAsync("""
                UPDATE audit_log_oversight
                SET status = $4, decided_by = $5, decided_at = $6, entry_ids = entry_ids || $7::uuid, incident_id = coalesce(incident_id, $8)
                WHERE organization_id = $1 AND audit_log_id = $2 AND entry_ids[cardinality(entry_ids)] = $3
                RETURNING incident_id
                """, [transaction.OrganizationId, turn.AuditLogId, replaces, decision, reviewer, now.UtcDateTime, entry, incident],
                static row => row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), cancellationToken);
        return rows.Count == 0 ? (false, null) : (true, rows[0]);
    }

    private static async Task<ProblemHttpResult> DescribeConflictAsync(TenantTransaction transaction, Guid id, Guid? replaces, CancellationToken cancellationToken)
    {
        var current = (await OversightTurn.FindAsync(transaction, id, cancellationToken))?.Decision;
        var detail = (current, replaces) switch
        {
            (null, _) => "Nobody has decided on this turn yet: leave replaces out.",
            (_, null) => $"Somebody else has decided already: {current.Decision}. To change that, name it in replaces.",
            _ => $"The decision that you wanted to change was changed meanwhile: it is {current.Decision} now.",
        };
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "Conflict", extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["current"] = current is null ? null : JsonSerializer.SerializeToElement(current, OversightJson.Default.OversightDecision),
        });
    }

    /// <summary>Whether the turn had content that nobody can read any more. One that never had any (its server died) was not erased.</summary>
    private static Task<bool> IsErasedAsync(TenantTransaction transaction, Guid id, CancellationToken cancellationToken) => transaction.ScalarAsync<bool>("""
        SELECT content IS NOT NULL AND NOT EXISTS (
            SELECT FROM subject_keys
            WHERE subject_keys.organization_id = $1 AND subject_keys.subject_id = audit_logs.subject_id AND subject_keys.month = $3 AND wrapped_key IS NOT NULL)
        FROM audit_logs WHERE organization_id = $1 AND id = $2
        """, [transaction.OrganizationId, id, SubjectKeys.MonthOf(id)], cancellationToken);
}
