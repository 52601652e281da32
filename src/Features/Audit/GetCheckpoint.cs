using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>The organization's latest checkpoint as it was signed, for whoever keeps one elsewhere: a witness, an auditor, a calendar.</summary>
internal static class GetCheckpoint
{
    /// <summary>When there is no checkpoint, in words.</summary>
    public const string None = "No checkpoint was signed yet, or this server signs none.";

    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/checkpoint", Handle)
        .AnswersFile("text/plain").Answers(StatusCodes.Status404NotFound, None);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        TenantContext tenant, TenantDatabase database, Checkpointer checkpointer, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        return await CheckpointStore.LatestAsync(transaction, cancellationToken) is { } latest
            ? TypedResults.Text(latest.Note.ToString())
            : NoCheckpoint(checkpointer);
    }

    /// <summary>404: none was taken, and why that may be.</summary>
    public static ProblemHttpResult NoCheckpoint(Checkpointer checkpointer) => Problems.Make(StatusCodes.Status404NotFound, "No checkpoint", checkpointer.Enabled
        ? "No checkpoint of this log was signed yet. The next is due within LEXCUSTIS_CHECKPOINT_INTERVAL; should none come, /readyz and the server's log say why."
        : "Checkpoints are off: LEXCUSTIS_CHECKPOINT_KEY_FILE is not set on this server.");
}
