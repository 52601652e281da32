using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Chat;

/// <summary>Takes a conversation out of the caller's history. Its turns stay in the audit log, which nobody can shorten.</summary>
internal static class DeleteConversation
{
    public static void Map(RouteGroupBuilder chat) => chat.MapDelete("/conversations/{id:guid}", Handle);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Guid id, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var deleted = await transaction.ExecuteAsync("DELETE FROM conversations WHERE organization_id = $1 AND user_id = $2 AND id = $3",
            [tenant.OrganizationId, tenant.UserId, id], cancellationToken);
        if (deleted == 0)
            return Problems.NotFound("conversation");
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
