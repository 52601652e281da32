using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LexCustis.Features.Auth;

internal sealed record RegisterRequest(
    [Required, StringLength(200)] string? OrganizationName, [Required, StringLength(Email.MaximumLength)] string? Email,
    [Required, StringLength(Password.MaximumLength, MinimumLength = Password.MinimumLength)] string? Password, [StringLength(200)] string? Name);

/// <summary>Creates an organization and its first admin, who is signed in at once.</summary>
internal static class Register
{
    public static void Map(RouteGroupBuilder anyone) => anyone.MapPost("/register", Handle)
        .Answers(StatusCodes.Status403Forbidden, "Registration is closed on this server.")
        .Answers(StatusCodes.Status409Conflict, "The e-mail address has an account already.")
        .Answers(StatusCodes.Status429TooManyRequests, "Too many attempts.");

    private static async Task<Results<Created<TokenResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        RegisterRequest request, HttpContext http, Settings settings, SignInLimit limit, NewOrganization organizations, CancellationToken cancellationToken)
    {
        if (!settings.AllowRegistration)
            return Problems.Forbidden("Registration is closed on this server: ask its operator, or an admin of your organization.");
        if (await limit.TakeAsync(http, account: null, cancellationToken) is { } refused)
            return refused;

        var check = new RequestCheck()
            .RequireText(request.OrganizationName, "organization_name", 200)
            .Require(Email.IsValid(request.Email), "email", Email.Want)
            .Require(Password.IsValid(request.Password), "password", Password.Want)
            .Require(request.Name is null or { Length: <= 200 }, "name", "Use at most 200 characters.");
        if (check.Failed)
            return check.Problem();

        var created = await organizations.CreateAsync(request.OrganizationName!.Trim(), request.Email!.Trim(), request.Password!, request.Name?.Trim() ?? "", cancellationToken);
        return created is null
            ? Problems.Conflict("An account with this e-mail address exists already: sign in instead.")
            : TypedResults.Created("/api/organization", SessionCookie.Keep(http, created));
    }
}

/// <summary>What registration and <c>seed-demo</c> both do.</summary>
internal sealed class NewOrganization(TenantDatabase database, Session sessions, AuditLog audit, AuditEntries entries, TimeProvider clock)
{
    /// <returns>Null when the address has an account already; then nothing was written.</returns>
    public async Task<TokenResponse?> CreateAsync(string organizationName, string email, string password, string name, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (organization, user) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        var passwordHash = await PasswordHash.CreateAsync(password, cancellationToken);
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        await transaction.ExecuteAsync("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)", [organization, organizationName, now.UtcDateTime], cancellationToken);
        try
        {
            await transaction.ExecuteAsync("""
                INSERT INTO users (id, organization_id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, [user, organization, email, name, Roles.Admin, passwordHash, now.UtcDateTime], cancellationToken);
        }
        catch (PostgresException taken) when (taken.ConstraintName == "users_email")
        {
            return null;
        }

        var tenant = await sessions.StartAsync(transaction, user, Roles.Admin, cancellationToken);
        var tokens = await sessions.IssueAsync(transaction, tenant, cancellationToken);
        await audit.AppendAsync(transaction, entries.OrganizationRegistered(tenant, organizationName), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return tokens;
    }
}
