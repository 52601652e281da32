using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LexCustis.Features.Users;

internal sealed record UserResponse(Guid Id, string Email, string Name, [RoleName] string Role, DateTimeOffset CreatedAt);

internal sealed record UserList(IReadOnlyList<UserResponse> Items, string? NextCursor);

/// <summary>The organization's people, oldest first.</summary>
internal static class ListUsers
{
    public static void Map(RouteGroupBuilder users) => users.MapGet("/", Handle);

    public static UserResponse Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4));

    private static async Task<Results<Ok<UserList>, ValidationProblem>> Handle(
        string? cursor, string? limit, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var users = await transaction.ListAsync("""
            SELECT id, email, name, role, created_at FROM users
            WHERE organization_id = $1 AND removed_at IS NULL AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id LIMIT $3
            """, [tenant.OrganizationId, page.After, page.Limit + 1], Read, cancellationToken);
        return TypedResults.Ok(new UserList(page.Cut(users), page.Next(users, static user => user.Id)));
    }
}
