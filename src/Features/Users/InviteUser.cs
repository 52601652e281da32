using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Users;

internal sealed record InviteUserRequest(
    [Required, StringLength(Email.MaximumLength)] string? Email, [StringLength(200)] string? Name, [Required, RoleName] string? Role,
    [StringLength(Password.MaximumLength, MinimumLength = Password.MinimumLength)] string? Password);

/// <param name="InitialPassword">Shown this once, and only when the request named none.</param>
internal sealed record InvitedUserResponse(Guid Id, string Email, string Name, [RoleName] string Role, DateTimeOffset CreatedAt, string? InitialPassword);

/// <summary>Adds a person. The product sends no mail: the admin hands over the initial password, and the person changes it.</summary>
internal static class InviteUser
{
    public static void Map(RouteGroupBuilder users) => users.MapPost("/", Handle)
        .Answers(StatusCodes.Status409Conflict, "The e-mail address has an account already.");

    private static async Task<Results<Created<InvitedUserResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        InviteUserRequest request, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .Require(Email.IsValid(request.Email), "email", Email.Want)
            .Require(request.Name is null or { Length: <= 200 }, "name", "Use at most 200 characters.")
            .Require(Roles.Exists(request.Role), "role", "Use admin, compliance, member or auditor.")
            .Require(request.Password is null || Password.IsValid(request.Password), "password", Password.Want);
        if (check.Failed)
            return check.Problem();

        var now = clock.GetUtcNow();
        var initialPassword = request.Password is null ? Secrets.Create("") : null;
        var user = new InvitedUserResponse(Guid.CreateVersion7(now), request.Email!.Trim(), request.Name?.Trim() ?? "", request.Role!, now, initialPassword);
        var passwordHash = await PasswordHash.CreateAsync(request.Password ?? initialPassword!, cancellationToken);

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var added = await transaction.ExecuteAsync("""
            INSERT INTO users (id, organization_id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (lower(email)) WHERE removed_at IS NULL DO NOTHING
            """, [user.Id, tenant.OrganizationId, user.Email, user.Name, user.Role, passwordHash, now.UtcDateTime], cancellationToken);
        if (added == 0)
            return Problems.Conflict("An account with this e-mail address exists already, here or in another organization on this server.");

        await audit.AppendAsync(transaction, entries.UserInvited(tenant, user.Id, user.Role), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/users/{user.Id}", user);
    }
}
