using System.ComponentModel;
using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>That a checkpoint only adds to the log as it was at an earlier size: what a witness asks before it remembers the new one instead of the old.</summary>
internal static class GetConsistency
{
    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/consistency", Handle)
        .AnswersFile("text/plain")
        .Answers(StatusCodes.Status404NotFound, GetCheckpoint.None)
        .Answers(StatusCodes.Status500InternalServerError, "The proof does not hold: the log was changed after it was signed.");

    private static async Task<Results<ContentHttpResult, ValidationProblem, ProblemHttpResult>> Handle(
        [Description("The size of the tree that one knows.")] string? from, [Description("The size of a checkpoint; the latest when absent.")] string? to, TenantContext tenant, TenantDatabase database, Checkpointer checkpointer, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        long size = 0, newer = 0;
        var check = new RequestCheck()
            .Require(TryReadSize(from, out size), "from", "Use the size of the tree that you know: a whole number from 0.")
            .Require(to is null || TryReadSize(to, out newer), "to", "Use the size of a checkpoint, or leave it out for the latest.");
        if (check.Failed)
            return check.Problem();

        var latest = await CheckpointStore.LatestAsync(transaction, cancellationToken);
        if (latest is null)
            return GetCheckpoint.NoCheckpoint(checkpointer);
        var checkpoint = to is null ? latest : await CheckpointStore.FindAsync(transaction, newer, cancellationToken);
        if (checkpoint is null)
            return Problems.Make(StatusCodes.Status404NotFound, "No checkpoint", $"No checkpoint was signed at {newer} entries; the latest has {latest.Size}.");
        check.Require(size <= checkpoint.Size, "from", string.Create(CultureInfo.InvariantCulture, $"Use at most the newer tree's size, {checkpoint.Size}."));
        if (check.Failed)
            return check.Problem();

        try
        {
            return TypedResults.Text(await AuditProofs.ConsistencyAsync(transaction, size, checkpoint, cancellationToken));
        }
        catch (ProofException)
        {
            return GetProof.DoesNotHold();
        }
    }

    private static bool TryReadSize(string? text, out long size) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size);
}
