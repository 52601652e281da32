using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

/// <param name="RefreshToken">Of the body or, with <c>X-Session: cookie</c>, of the cookie.</param>
internal sealed record LogoutRequest(string? RefreshToken);

/// <summary>Ends the session that a refresh token belongs to, access tokens included. Saying it twice does no harm.</summary>
internal static class Logout
{
    public static void Map(RouteGroupBuilder anyone) => anyone.MapPost("/logout", Handle);

    private static async Task<Results<NoContent, ValidationProblem>> Handle(
        LogoutRequest request, HttpContext http, TenantDirectory directory, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var token = SessionCookie.TokenOf(http, request.RefreshToken);
        SessionCookie.Clear(http);
        if (token is null && SessionCookie.IsWanted(http))
            return TypedResults.NoContent();

        var check = new RequestCheck().RequireText(token, "refresh_token", 200);
        if (check.Failed)
            return check.Problem();

        var hash = Secrets.Hash(token!);
        if (await directory.FindRefreshTokenAsync(hash, cancellationToken) is not { } organization)
            return TypedResults.NoContent();

        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        var ended = await transaction.FirstAsync("""
            UPDATE sessions SET revoked_at = $3
            FROM users
            WHERE sessions.organization_id = $1 AND sessions.revoked_at IS NULL
              AND sessions.id = (SELECT session_id FROM refresh_tokens WHERE organization_id = $1 AND token_hash = $2)
              AND users.organization_id = $1 AND users.id = sessions.user_id
            RETURNING sessions.id, users.id, users.role
            """, [organization, hash, clock.GetUtcNow().UtcDateTime],
            static row => (Session: row.GetGuid(0), Actor: new Actor(row.GetGuid(1), row.GetString(2), "session")), cancellationToken);
        if (ended.Actor is not null)
        {
            await audit.AppendAsync(transaction, entries.SessionRevoked(organization, ended.Actor, ended.Session, "logout"), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return TypedResults.NoContent();
    }
}
