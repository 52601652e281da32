using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

internal sealed record ChangePasswordRequest(
    [Required, StringLength(Password.MaximumLength)] string? CurrentPassword,
    [Required, StringLength(Password.MaximumLength, MinimumLength = Password.MinimumLength)] string? NewPassword);

/// <summary>Gives oneself another password; every other session of the account ends.</summary>
internal static class ChangePassword
{
    public static void Map(RouteGroupBuilder signedIn) => signedIn.MapPost("/password", Handle)
        .Answers(StatusCodes.Status403Forbidden, "An API key changes no password.")
        .Answers(StatusCodes.Status409Conflict, "The password was changed by someone else just now.")
        .Answers(StatusCodes.Status429TooManyRequests, "Too many attempts.");

    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> Handle(
        ChangePasswordRequest request, TenantContext tenant, HttpContext http, SignInLimit limit, TenantDatabase database,
        Session sessions, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .RequireText(request.CurrentPassword, "current_password", Password.MaximumLength)
            .Require(Password.IsValid(request.NewPassword), "new_password", Password.Want);
        if (check.Failed)
            return check.Problem();
        if (tenant.SessionId is null)
            return Problems.Forbidden("A password is changed by its owner, signed in; an API key cannot.");
        if (await limit.TakeAsync(http, tenant.UserId.ToString(), cancellationToken) is { } refused)
            return refused;

        string? stored;
        await using (var reading = await database.BeginAsync(tenant, cancellationToken))
        {
            stored = await reading.ScalarAsync<string>("SELECT password_hash FROM users WHERE organization_id = $1 AND id = $2",
                [tenant.OrganizationId, tenant.UserId], cancellationToken);
        }

        // No transaction is open while hashes are computed: they take a tenth of a second each.
        if (!await PasswordHash.VerifyAsync(request.CurrentPassword!, stored, cancellationToken))
            return new RequestCheck().Require(false, "current_password", "This is not the current password.").Problem();

        var hash = await PasswordHash.CreateAsync(request.NewPassword!, cancellationToken);
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var changed = await transaction.ExecuteAsync("UPDATE users SET password_hash = $3 WHERE organization_id = $1 AND id = $2 AND password_hash = $4",
            [tenant.OrganizationId, tenant.UserId, hash, stored], cancellationToken);
        if (changed == 0)
            return Problems.Conflict("The password was changed by someone else just now: sign in again.");

        await sessions.RevokeAllAsync(transaction, tenant.UserId, except: tenant.SessionId, cancellationToken);
        await audit.AppendAsync(transaction, entries.UserChanged(tenant, tenant.UserId, ["password"], tenant.UserRole), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
