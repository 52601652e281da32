using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Users;

internal sealed record ChangeUserRequest(
    [StringLength(200)] string? Name, [RoleName] string? Role, [StringLength(Password.MaximumLength, MinimumLength = Password.MinimumLength)] string? Password);

/// <summary>Changes a person's name or role, or gives a new password to one who lost theirs. A new role or password ends the person's
/// sessions; a new role also the keys they made for another.</summary>
internal static class ChangeUser
{
    public static void Map(RouteGroupBuilder users) => users.MapPatch("/{id:guid}", Handle)
        .Answers(StatusCodes.Status409Conflict, LastAdmin.When);

    private static async Task<Results<Ok<UserResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, ChangeUserRequest request, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .Require(request.Name is null or { Length: <= 200 }, "name", "Use at most 200 characters.")
            .Require(request.Role is null || Roles.Exists(request.Role), "role", "Use admin, compliance, member or auditor.")
            .Require(request.Password is null || Password.IsValid(request.Password), "password", Password.Want);
        if (check.Failed)
            return check.Problem();

        var passwordHash = request.Password is null ? null : await PasswordHash.CreateAsync(request.Password, cancellationToken);
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        await LastAdmin.LockAsync(transaction, cancellationToken);
        var user = await transaction.FirstAsync("""
            UPDATE users SET name = coalesce($3, users.name), role = coalesce($4, users.role), password_hash = coalesce($5, users.password_hash)
            FROM users AS before
            WHERE users.organization_id = $1 AND users.id = $2 AND users.removed_at IS NULL AND before.organization_id = $1 AND before.id = $2
            RETURNING users.id, users.email, users.name, users.role, users.created_at, users.role <> before.role
            """, [tenant.OrganizationId, id, request.Name?.Trim(), request.Role, passwordHash],
            static row => (Now: ListUsers.Read(row), HasOtherRole: row.GetBoolean(5)), cancellationToken);
        if (user.Now is null)
            return Problems.NotFound("user");
        if (!await LastAdmin.RemainsAsync(transaction, cancellationToken))
            return LastAdmin.Problem();

        if (request.Password is not null || user.HasOtherRole)
        {
            await transaction.ExecuteAsync("UPDATE sessions SET revoked_at = $3 WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL",
                [tenant.OrganizationId, id, clock.GetUtcNow().UtcDateTime], cancellationToken);
        }

        if (user.HasOtherRole)
        {
            // A key must not keep what its maker lost: an admin may have made keys of any role, no one else has one above their own.
            await transaction.ExecuteAsync("""
                UPDATE api_keys SET revoked_at = $4
                WHERE organization_id = $1 AND created_by = $2 AND revoked_at IS NULL AND role <> $3 AND $3 <> 'admin'
                """, [tenant.OrganizationId, id, user.Now.Role, clock.GetUtcNow().UtcDateTime], cancellationToken);
        }

        await audit.AppendAsync(transaction, entries.UserChanged(tenant, id, ChangedFields(request), user.Now.Role), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(user.Now);
    }

    private static List<string> ChangedFields(ChangeUserRequest request)
    {
        var fields = new List<string>();
        if (request.Name is not null)
            fields.Add("name");
        if (request.Role is not null)
            fields.Add("role");
        if (request.Password is not null)
            fields.Add("password");
        return fields;
    }
}
