using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Oversight;

internal sealed record ResumptionRequest([StringLength(1_000)] string? Note);

/// <summary>Lets the organization's people chat again.</summary>
internal static class ResumeAssistant
{
    public static void Map(RouteGroupBuilder decided) => decided.MapPost("/resume", Handle)
        .Answers(StatusCodes.Status409Conflict, "The assistant is not suspended.");

    private static async Task<Results<Ok<SuspensionResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        ResumptionRequest request, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        var check = new RequestCheck().Require(request.Note is null or { Length: <= 1_000 }, "note", "Use at most 1000 characters.");
        if (check.Failed)
            return check.Problem();

        var entry = entries.NewId();
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var content = string.IsNullOrWhiteSpace(request.Note)
            ? null
            : await new OversightRemark { Note = request.Note.Trim() }.SealAsync(transaction, subjectKeys, tenant.UserId, entry, cancellationToken);
        var resumed = await transaction.ExecuteAsync("UPDATE organizations SET suspended_at = NULL, suspended_reason = NULL WHERE id = $1 AND suspended_at IS NOT NULL",
            [tenant.OrganizationId], cancellationToken);
        if (resumed == 0)
            return Problems.Conflict("The assistant is not suspended.");

        var receipt = await audit.AppendAsync(transaction, AuditEntries.AssistantResumed(tenant, entry, content), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new SuspensionResponse(false, null, null, ReceiptResponse.From(receipt)));
    }
}
