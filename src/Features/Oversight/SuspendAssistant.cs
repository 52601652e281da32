using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Oversight;

internal sealed record SuspensionRequest([Required, StringLength(1_000)] string? Reason);

internal sealed record SuspensionResponse(bool Suspended, DateTimeOffset? SuspendedAt, string? SuspendedReason, ReceiptResponse Receipt);

/// <summary>
/// The stop procedure of Art. 14(4)(e): no turn of the organization begins any more, and those under way end, on every server. The reason is
/// shown to everyone who tries to chat, while it lasts.
/// </summary>
internal static class SuspendAssistant
{
    public static void Map(RouteGroupBuilder decided) => decided.MapPost("/suspend", Handle)
        .Answers(StatusCodes.Status409Conflict, "The assistant is suspended already.");

    private static async Task<Results<Ok<SuspensionResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        SuspensionRequest request, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, AuditLog audit, AuditEntries entries, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var check = new RequestCheck().RequireText(request.Reason, "reason", 1_000);
        if (check.Failed)
            return check.Problem();

        var (entry, reason, now) = (entries.NewId(), request.Reason!.Trim(), AuditEncoder.Microseconds(clock.GetUtcNow()));
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var content = await new OversightRemark { Reason = reason }.SealAsync(transaction, subjectKeys, tenant.UserId, entry, cancellationToken);
        var suspended = await transaction.ExecuteAsync("""
            UPDATE organizations SET suspended_at = $2, suspended_reason = $3, suspensions = suspensions + 1 WHERE id = $1 AND suspended_at IS NULL
            """, [tenant.OrganizationId, now.UtcDateTime, reason], cancellationToken);
        if (suspended == 0)
            return Problems.Conflict("The assistant is suspended already. Resume it first to give another reason.");

        var receipt = await audit.AppendAsync(transaction, AuditEntries.AssistantSuspended(tenant, entry, content), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new SuspensionResponse(true, now, reason, ReceiptResponse.From(receipt)));
    }
}
