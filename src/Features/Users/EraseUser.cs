using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Users;

/// <param name="Reason">A ground of Art. 17(1), a word: it stands in the log for ever, so it is no free text.</param>
internal sealed record EraseUserRequest(
    [AllowedValues("no_longer_needed", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "child")] string? Reason);

/// <param name="Receipt">Of the entry <c>subject.erased</c>.</param>
internal sealed record ErasedUserResponse(Guid Id, DateTimeOffset ErasedAt, ReceiptResponse Receipt);

/// <summary>
/// Erases a person (GDPR Art. 17), whether they still have access or were removed before: their access ends, their keys are emptied, their
/// row keeps nothing but its id. All of it commits with its entry or not at all; asked again, it answers as the first time.
/// </summary>
internal static class EraseUser
{
    /// <summary>Art. 17(1)(a) to (f).</summary>
    private static readonly string[] Grounds = ["no_longer_needed", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "child"];

    public static void Map(RouteGroupBuilder users) => users.MapPost("/{id:guid}/erase", Handle)
        .Answers(StatusCodes.Status409Conflict, $"{LastAdmin.When} Or the organization is under legal hold.");

    private static async Task<Results<Ok<ErasedUserResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, EraseUserRequest request, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, AuditLog audit, AuditEntries entries, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var check = new RequestCheck().Require(request.Reason is null || Grounds.Contains(request.Reason), "reason", $"Use one of {string.Join(", ", Grounds)}, or none.");
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        // Held until the end: a legal hold comes before this, and stops it, or after it.
        var organization = await OrganizationSettings.ReadAsync(transaction, cancellationToken, forUpdate: true);
        var person = await transaction.FirstAsync("SELECT erased_at, erasure_entry FROM users WHERE organization_id = $1 AND id = $2", [tenant.OrganizationId, id],
            static row => new { Erasure = row.IsDBNull(1) ? (Guid?)null : row.GetGuid(1), At = row.IsDBNull(0) ? default : row.GetFieldValue<DateTimeOffset>(0) }, cancellationToken);
        if (person is null)
            return Problems.NotFound("user");
        if (person.Erasure is { } known)
            return await RepeatAsync(transaction, id, person.At, known, cancellationToken);
        if (organization.LegalHold)
            return Problems.Conflict("The organization is under legal hold, which stops erasure: lift the hold first, if it may be lifted.");

        var now = AuditEncoder.Microseconds(clock.GetUtcNow());
        var entry = entries.SubjectErased(tenant, id, request.Reason);
        await ForgetAsync(transaction, id, entry.Id, now.UtcDateTime, cancellationToken);
        if (!await LastAdmin.RemainsAsync(transaction, cancellationToken))
            return LastAdmin.Problem();
        await subjectKeys.EraseAsync(transaction, id, cancellationToken);
        var receipt = await audit.AppendAsync(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new ErasedUserResponse(id, now, ReceiptResponse.From(receipt)));
    }

    /// <summary>
    /// Everything that names the person, and their access. Marking the row comes first: a turn that is about to get its first key of the
    /// month holds the row, so that the key is there to be emptied once this goes on, or finds the mark and gets none.
    /// </summary>
    private static async Task ForgetAsync(TenantTransaction transaction, Guid person, Guid erasure, DateTime now, CancellationToken cancellationToken)
    {
        var organization = transaction.OrganizationId;
        await transaction.ExecuteAsync("""
            UPDATE users SET erased_at = $3, erasure_entry = $4, removed_at = coalesce(removed_at, $3), email = id || '@erased.invalid', name = '', password_hash = ''
            WHERE organization_id = $1 AND id = $2
            """, [organization, person, now, erasure], cancellationToken);
        await transaction.ExecuteAsync("UPDATE sessions SET revoked_at = $3 WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL",
            [organization, person, now], cancellationToken);
        // A key's name is what its maker called it.
        await transaction.ExecuteAsync("UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3), name = 'erased' WHERE organization_id = $1 AND created_by = $2",
            [organization, person, now], cancellationToken);
        await transaction.ExecuteAsync("DELETE FROM conversations WHERE organization_id = $1 AND user_id = $2", [organization, person], cancellationToken);
    }

    private static async Task<Results<Ok<ErasedUserResponse>, ValidationProblem, ProblemHttpResult>> RepeatAsync(
        TenantTransaction transaction, Guid person, DateTimeOffset at, Guid erasure, CancellationToken cancellationToken)
    {
        var receipt = await transaction.FirstAsync("SELECT id, sequence, entry_hash FROM audit_logs WHERE organization_id = $1 AND id = $2", [transaction.OrganizationId, erasure],
            static row => new ReceiptResponse(row.GetGuid(0), row.GetInt64(1), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(2))), cancellationToken);
        return receipt is null
            ? Problems.Make(StatusCodes.Status500InternalServerError, "The erasure's entry is missing", $"The person was erased, but the log has no entry {erasure} any more: verify the log.")
            : TypedResults.Ok(new ErasedUserResponse(person, at, receipt));
    }
}
