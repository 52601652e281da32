using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.ApiKeys;

/// <summary>Ends a key at once.</summary>
internal static class RevokeApiKey
{
    public static void Map(RouteGroupBuilder keys) => keys.MapDelete("/{id:guid}", Handle);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var revoked = await transaction.ExecuteAsync("UPDATE api_keys SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL",
            [tenant.OrganizationId, id, clock.GetUtcNow().UtcDateTime], cancellationToken);
        if (revoked == 0)
            return Problems.NotFound("API key");

        await audit.AppendAsync(transaction, entries.ApiKeyRevoked(tenant, id), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
