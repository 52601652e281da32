using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>The keys that checkpoints and dossiers are signed with, as PEM, the current one first: whoever holds a receipt can check it.</summary>
internal static class GetPublicKey
{
    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/public-key", Handle)
        .AnswersFile("application/x-pem-file")
        .Answers(StatusCodes.Status404NotFound, GetCheckpoint.None);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        TenantContext tenant, TenantDatabase database, CheckpointSettings settings, Checkpointer checkpointer, CancellationToken cancellationToken)
    {
        // Nothing is read: entering the organization is what refuses a session that has ended.
        await using (await database.BeginAsync(tenant, cancellationToken))
        {
        }

        return settings.Keys is { } keys ? TypedResults.Text(keys.PublicPem, "application/x-pem-file") : GetCheckpoint.NoCheckpoint(checkpointer);
    }
}
