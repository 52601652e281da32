using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

/// <param name="RefreshToken">Of the body or, with <c>X-Session: cookie</c>, of the cookie.</param>
internal sealed record RefreshRequest(string? RefreshToken);

/// <summary>Trades a refresh token for the next pair. A token is good once: coming again, it was stolen, and its session ends.</summary>
internal static class Refresh
{
    /// <summary>
    /// A page that is reloaded while it refreshes never sees the new cookie and sends the old one again: for these few seconds that is no theft.
    /// API clients, which hold their token themselves, get no such grace.
    /// </summary>
    private static readonly TimeSpan CookieGrace = TimeSpan.FromSeconds(10);

    public static void Map(RouteGroupBuilder anyone) => anyone.MapPost("/refresh", Handle)
        .Answers(StatusCodes.Status401Unauthorized, "The refresh token is not valid any more.")
        .Answers(StatusCodes.Status429TooManyRequests, "Too many attempts.");

    private static async Task<Results<Ok<TokenResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        RefreshRequest request, HttpContext http, SignInLimit limit, TenantDirectory directory, TenantDatabase database,
        Session sessions, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var inCookie = SessionCookie.IsWanted(http);
        var token = SessionCookie.TokenOf(http, request.RefreshToken);
        if (token is null && inCookie)
            return Ended(http);

        var check = new RequestCheck().RequireText(token, "refresh_token", 200);
        if (check.Failed)
            return check.Problem();
        if (await limit.TakeAsync(http, account: null, cancellationToken) is { } refused)
            return refused;

        var hash = Secrets.Hash(token!);
        if (await directory.FindRefreshTokenAsync(hash, cancellationToken) is not { } organization)
            return Ended(http);

        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await database.BeginAsync(organization, cancellationToken);

        // One statement decides which of two simultaneous uses is the first.
        var tenant = await transaction.FirstAsync("""
            UPDATE refresh_tokens SET used_at = coalesce(used_at, $3)
            FROM sessions, users
            WHERE refresh_tokens.organization_id = $1 AND refresh_tokens.token_hash = $2 AND refresh_tokens.expires_at > $3
              AND (refresh_tokens.used_at IS NULL OR refresh_tokens.used_at > $4::timestamptz)
              AND sessions.organization_id = $1 AND sessions.id = refresh_tokens.session_id AND sessions.revoked_at IS NULL
              AND users.organization_id = $1 AND users.id = refresh_tokens.user_id AND users.removed_at IS NULL
            RETURNING users.id, users.role, sessions.id
            """, [organization, hash, now, inCookie ? now - CookieGrace : null],
            row => new TenantContext(row.GetGuid(0), organization, row.GetString(1), row.GetGuid(2), "session"), cancellationToken);
        if (tenant is not null)
        {
            var tokens = await sessions.IssueAsync(transaction, tenant, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return TypedResults.Ok(SessionCookie.Keep(http, tokens));
        }

        var stolen = await transaction.ScalarAsync<Guid?>("""
            UPDATE sessions SET revoked_at = $3
            WHERE organization_id = $1 AND revoked_at IS NULL
              AND id = (SELECT session_id FROM refresh_tokens WHERE organization_id = $1 AND token_hash = $2 AND used_at IS NOT NULL)
            RETURNING id
            """, [organization, hash, now], cancellationToken);
        if (stolen is { } session)
        {
            await audit.AppendAsync(transaction, entries.SessionRevoked(organization, actor: null, session, "refresh_token_reused"), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return Ended(http);
    }

    private static ProblemHttpResult Ended(HttpContext http)
    {
        SessionCookie.Clear(http);
        return Problems.Unauthorized("The refresh token is not valid any more: sign in again.");
    }
}
