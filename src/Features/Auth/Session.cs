using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Auth;

/// <param name="RefreshToken">Absent where the session is kept in a cookie (<c>X-Session: cookie</c>).</param>
/// <param name="ExpiresIn">Seconds.</param>
internal sealed record TokenResponse(
    string AccessToken, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken,
    [AllowedValues("Bearer")] string TokenType, int ExpiresIn, MeResponse User);

/// <summary>A sign-in and its tokens: one session, one current refresh token, access tokens as long as it stands.</summary>
internal sealed class Session(AccessTokens tokens, TimeProvider clock)
{
    public static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(30);

    /// <summary>Opens a session in the caller's transaction.</summary>
    public async Task<TenantContext> StartAsync(TenantTransaction transaction, Guid user, string role, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var session = Guid.CreateVersion7(now);
        await transaction.ExecuteAsync("INSERT INTO sessions (id, organization_id, user_id, created_at) VALUES ($1, $2, $3, $4)",
            [session, transaction.OrganizationId, user, now.UtcDateTime], cancellationToken);
        return new TenantContext(user, transaction.OrganizationId, role, session, "session");
    }

    /// <summary>Issues the session's next pair of tokens in the caller's transaction.</summary>
    public async Task<TokenResponse> IssueAsync(TenantTransaction transaction, TenantContext tenant, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var refreshToken = Secrets.Create(Secrets.RefreshTokenPrefix);
        await transaction.ExecuteAsync("""
            INSERT INTO refresh_tokens (token_hash, organization_id, session_id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
            """, [Secrets.Hash(refreshToken), tenant.OrganizationId, tenant.SessionId, tenant.UserId, now.UtcDateTime, (now + RefreshLifetime).UtcDateTime], cancellationToken);
        var user = await Me.ReadAsync(transaction, tenant, cancellationToken);
        return new TokenResponse(tokens.Issue(tenant), refreshToken, "Bearer", (int)AccessTokens.Lifetime.TotalSeconds, user!);
    }

    /// <summary>Ends every other session of a user, in the caller's transaction.</summary>
    /// <param name="except">A session that stays; null for none.</param>
    public Task<int> RevokeAllAsync(TenantTransaction transaction, Guid user, Guid? except, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        "UPDATE sessions SET revoked_at = $4 WHERE organization_id = $1 AND user_id = $2 AND id IS DISTINCT FROM $3 AND revoked_at IS NULL",
        [transaction.OrganizationId, user, except, clock.GetUtcNow().UtcDateTime], cancellationToken);
}
