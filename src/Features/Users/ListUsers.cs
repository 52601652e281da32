using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LexCustis.Features.Users;

/// <param name="RemovedAt">Absent while the person has access.</param>
internal sealed record UserResponse(
    Guid Id, string Email, string Name, [RoleName] string Role, DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? RemovedAt = null);

internal sealed record UserList(IReadOnlyList<UserResponse> Items, string? NextCursor);

/// <summary>The organization's people, oldest first: those who have access, or those who were removed and can still be erased.</summary>
internal static class ListUsers
{
    public static void Map(RouteGroupBuilder users) => users.MapGet("/", Handle);

    public static UserResponse Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4));

    private static async Task<Results<Ok<UserList>, ValidationProblem>> Handle(
        string? cursor, string? limit, [Description("`removed`: those whose access was taken, in place of those who have it."), AllowedValues("active", "removed")] string? status, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;
        if (status is not (null or "active" or "removed"))
            return new RequestCheck().Require(false, "status", "Use active or removed.").Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var users = await transaction.ListAsync("""
            SELECT id, email, name, role, created_at, removed_at FROM users
            WHERE organization_id = $1 AND erased_at IS NULL AND (removed_at IS NOT NULL) = $4 AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id LIMIT $3
            """, [tenant.OrganizationId, page.After, page.Limit + 1, status == "removed"],
            static row => Read(row) with { RemovedAt = row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5) }, cancellationToken);
        return TypedResults.Ok(new UserList(page.Cut(users), page.Next(users, static user => user.Id)));
    }
}
