using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>
/// That an entry is in the log that was signed, as text that is checked without this product. Members get it for the entries that are about
/// them, which their receipts name; an entry newer than the last checkpoint gets one at once.
/// </summary>
internal static class GetProof
{
    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/{id:guid}/proof", Handle)
        .AnswersFile("text/plain")
        .Answers(StatusCodes.Status404NotFound, GetCheckpoint.None)
        .Answers(StatusCodes.Status500InternalServerError, "The proof does not hold: the log was changed after it was signed.")
        .Answers(StatusCodes.Status503ServiceUnavailable, "No checkpoint could be signed.");

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, HttpContext http, TenantDatabase database, Checkpointer checkpointer, CancellationToken cancellationToken)
    {
        long sequence;
        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
        {
            sequence = await transaction.ScalarAsync<long>(
                "SELECT sequence FROM audit_logs WHERE organization_id = $1 AND id = $2 AND ($3::uuid IS NULL OR user_id = $3 OR subject_id = $3)",
                [tenant.OrganizationId, id, tenant.UserRole == Roles.Member ? tenant.UserId : null], cancellationToken);
            if (sequence == 0)
                return Problems.NotFound("audit entry");
            if (await CheckpointStore.LatestAsync(transaction, cancellationToken) is { } latest && latest.Size >= sequence)
                return await ProveAsync(http, transaction, id, sequence, latest, cancellationToken);
        }

        if (!checkpointer.Enabled)
            return GetCheckpoint.NoCheckpoint(checkpointer);
        var (taken, refusal) = await checkpointer.TakeAsync(tenant.OrganizationId, cancellationToken);
        if (taken is null || taken.Size < sequence)
            return Problems.Unavailable("No checkpoint could be signed", refusal?.Detail ?? "The log was changed meanwhile. Verify the log.");

        await using var reading = await database.BeginAsync(tenant, cancellationToken);
        return await ProveAsync(http, reading, id, sequence, taken, cancellationToken);
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ProveAsync(
        HttpContext http, TenantTransaction transaction, Guid id, long sequence, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            var proof = await AuditProofs.InclusionAsync(transaction, sequence, checkpoint, cancellationToken);
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"{id}.tlog-proof\"";
            return TypedResults.Text(proof);
        }
        catch (ProofException)
        {
            return DoesNotHold();
        }
    }

    /// <summary>What was signed and what is there are two things; the answer says so instead of a proof that nobody would accept.</summary>
    public static ProblemHttpResult DoesNotHold() => Problems.Make(StatusCodes.Status500InternalServerError, "The proof does not hold",
        "The log does not give the root that was signed: entries or the stored tree were changed afterwards. Verifying the log tells which.");
}
