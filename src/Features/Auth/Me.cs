using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

internal sealed record MeResponse(Guid UserId, Guid OrganizationId, [RoleName] string UserRole, string Email, string Name, string OrganizationName);

/// <summary>Who the caller is.</summary>
internal static class Me
{
    public static void Map(RouteGroupBuilder signedIn) => signedIn.MapGet("/me", Handle).Answers(StatusCodes.Status404NotFound, "The account is gone.");

    /// <returns>Null when the user's row is not in the organization.</returns>
    public static Task<MeResponse?> ReadAsync(TenantTransaction transaction, TenantContext tenant, CancellationToken cancellationToken) => transaction.FirstAsync("""
        SELECT users.email, users.name, organizations.name
        FROM users JOIN organizations ON organizations.id = users.organization_id
        WHERE users.organization_id = $1 AND users.id = $2
        """, [tenant.OrganizationId, tenant.UserId],
        row => new MeResponse(tenant.UserId, tenant.OrganizationId, tenant.UserRole, row.GetString(0), row.GetString(1), row.GetString(2)), cancellationToken);

    private static async Task<Results<Ok<MeResponse>, ProblemHttpResult>> Handle(TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        return await ReadAsync(transaction, tenant, cancellationToken) is { } me ? TypedResults.Ok(me) : Problems.NotFound("user");
    }
}
