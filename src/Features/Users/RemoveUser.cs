using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Users;

/// <summary>Takes a person's access at once, with their sessions and the API keys they made. The row stays: the log names people by id.</summary>
internal static class RemoveUser
{
    public static void Map(RouteGroupBuilder users) => users.MapDelete("/{id:guid}", Handle)
        .Answers(StatusCodes.Status409Conflict, LastAdmin.When);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        await LastAdmin.LockAsync(transaction, cancellationToken);
        var removed = await transaction.ExecuteAsync("UPDATE users SET removed_at = $3 WHERE organization_id = $1 AND id = $2 AND removed_at IS NULL",
            [tenant.OrganizationId, id, now], cancellationToken);
        if (removed == 0)
            return Problems.NotFound("user");
        if (!await LastAdmin.RemainsAsync(transaction, cancellationToken))
            return LastAdmin.Problem();

        await transaction.ExecuteAsync("UPDATE sessions SET revoked_at = $3 WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL",
            [tenant.OrganizationId, id, now], cancellationToken);
        await transaction.ExecuteAsync("UPDATE api_keys SET revoked_at = $3 WHERE organization_id = $1 AND created_by = $2 AND revoked_at IS NULL",
            [tenant.OrganizationId, id, now], cancellationToken);
        await audit.AppendAsync(transaction, entries.UserRemoved(tenant, id), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
