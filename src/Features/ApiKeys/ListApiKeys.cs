using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.ApiKeys;

internal sealed record ApiKeyResponse(Guid Id, string Name, [RoleName] string Role, string Prefix, Guid CreatedBy, DateTimeOffset CreatedAt);

internal sealed record ApiKeyList(IReadOnlyList<ApiKeyResponse> Items, string? NextCursor);

/// <summary>The organization's keys that still work, oldest first, without their secrets.</summary>
internal static class ListApiKeys
{
    public static void Map(RouteGroupBuilder keys) => keys.MapGet("/", Handle);

    private static async Task<Results<Ok<ApiKeyList>, ValidationProblem>> Handle(
        string? cursor, string? limit, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var keys = await transaction.ListAsync("""
            SELECT id, name, role, prefix, created_by, created_at FROM api_keys
            WHERE organization_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id LIMIT $3
            """, [tenant.OrganizationId, page.After, page.Limit + 1],
            static row => new ApiKeyResponse(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetGuid(4), row.GetFieldValue<DateTimeOffset>(5)),
            cancellationToken);
        return TypedResults.Ok(new ApiKeyList(page.Cut(keys), page.Next(keys, static key => key.Id)));
    }
}
