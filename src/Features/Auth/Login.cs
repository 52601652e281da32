using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

internal sealed record LoginRequest([Required, StringLength(Email.MaximumLength)] string? Email, [Required, StringLength(Password.MaximumLength)] string? Password);

/// <summary>Signs in. A wrong password and an unknown address take the same time and get the same answer.</summary>
internal static class Login
{
    public static void Map(RouteGroupBuilder anyone) => anyone.MapPost("/login", Handle)
        .Answers(StatusCodes.Status401Unauthorized, "The e-mail address or the password is wrong.")
        .Answers(StatusCodes.Status429TooManyRequests, "Too many attempts.");

    private static async Task<Results<Ok<TokenResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        LoginRequest request, HttpContext http, SignInLimit limit, TenantDirectory directory, TenantDatabase database,
        Session sessions, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        var check = new RequestCheck()
            .RequireText(request.Email, "email", Email.MaximumLength)
            .RequireText(request.Password, "password", Password.MaximumLength);
        if (check.Failed)
            return check.Problem();

        var email = request.Email!.Trim();
        if (await limit.TakeAsync(http, email, cancellationToken) is { } refused)
            return refused;

        var account = await directory.FindCredentialsAsync(email, cancellationToken);
        if (!await PasswordHash.VerifyAsync(request.Password!, account?.PasswordHash, cancellationToken))
        {
            // Not awaited: the time of a commit would tell that the address is known. The log writes it all the same.
            if (account is not null)
                _ = audit.AppendAsync(entries.SessionRefused(account.OrganizationId, account.UserId, "wrong_password"), AuditLog.Patience);
            return Problems.Unauthorized("The e-mail address or the password is wrong.");
        }

        await limit.ForgetAsync(email, cancellationToken);
        var renewed = PasswordHash.IsOutdated(account!.PasswordHash) ? await PasswordHash.CreateAsync(request.Password!, cancellationToken) : null;
        await using var transaction = await database.BeginAsync(account.OrganizationId, cancellationToken);
        if (renewed is not null)
        {
            await transaction.ExecuteAsync("UPDATE users SET password_hash = $3 WHERE organization_id = $1 AND id = $2 AND password_hash = $4",
                [account.OrganizationId, account.UserId, renewed, account.PasswordHash], cancellationToken);
        }

        var tenant = await sessions.StartAsync(transaction, account.UserId, account.Role, cancellationToken);
        var tokens = await sessions.IssueAsync(transaction, tenant, cancellationToken);
        await audit.AppendAsync(transaction, entries.SessionStarted(tenant), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(SessionCookie.Keep(http, tokens));
    }
}
