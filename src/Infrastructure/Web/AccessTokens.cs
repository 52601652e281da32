using System.Security.Claims;
using LexCustis.Infrastructure.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace LexCustis.Infrastructure.Web;

/// <summary>Access tokens: JWT (RFC 7519) signed with HS256, short-lived; what they say is checked against the database at each use.</summary>
internal sealed class AccessTokens
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string Issuer = "lexcustis";

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SigningCredentials credentials;
    private readonly TokenValidationParameters validation;
    private readonly TimeProvider clock;

    public AccessTokens(Settings settings, TimeProvider clock)
    {
        this.clock = clock;
        var key = new SymmetricSecurityKey(settings.JwtSecret);
        credentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        validation = new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Issuer,
            IssuerSigningKey = key,
            // Nothing but what is issued here: neither "none" nor another algorithm under the same key.
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidTypes = ["JWT"],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (_, expires, _, _) => expires is { } end && clock.GetUtcNow().UtcDateTime < end,
        };
    }

    public string Issue(TenantContext tenant)
    {
        var now = clock.GetUtcNow();
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            IssuedAt = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            SigningCredentials = credentials,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [TenantContext.UserClaim] = tenant.UserId.ToString(),
                [TenantContext.OrganizationClaim] = tenant.OrganizationId.ToString(),
                [TenantContext.RoleClaim] = tenant.UserRole,
                [TenantContext.SessionClaim] = tenant.SessionId!.Value.ToString(),
            },
        });
    }

    /// <returns>Null for anything that was not issued here, was changed, or has expired.</returns>
    public async Task<ClaimsIdentity?> ReadAsync(string token)
    {
        var result = await handler.ValidateTokenAsync(token, validation);
        if (!result.IsValid)
            return null;

        var identity = result.ClaimsIdentity;
        foreach (var claim in (ReadOnlySpan<string>)[TenantContext.UserClaim, TenantContext.OrganizationClaim, TenantContext.SessionClaim])
        {
            if (!Guid.TryParse(identity.FindFirst(claim)?.Value, out _))
                return null;
        }

        return Roles.Exists(identity.FindFirst(TenantContext.RoleClaim)?.Value) ? identity : null;
    }
}
