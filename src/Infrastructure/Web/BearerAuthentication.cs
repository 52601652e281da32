using System.Security.Claims;
using System.Text.Encodings.Web;
using LexCustis.Infrastructure.Postgres;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace LexCustis.Infrastructure.Web;

/// <summary><c>Authorization: Bearer</c> with an access token of a session, or an API key (<c>lxc_…</c>).</summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessTokens tokens, TenantDirectory directory)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();

        var secret = header["Bearer ".Length..].Trim();
        var identity = secret.StartsWith(Secrets.ApiKeyPrefix, StringComparison.Ordinal) ? await ReadApiKeyAsync(secret) : await tokens.ReadAsync(secret);
        if (identity is null)
            return AuthenticateResult.Fail("The token or key is not valid.");

        if (!identity.HasClaim(static claim => claim.Type == TenantContext.ViaClaim))
            identity.AddClaim(new Claim(TenantContext.ViaClaim, "session"));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private async Task<ClaimsIdentity?> ReadApiKeyAsync(string key)
    {
        if (await directory.FindApiKeyAsync(Secrets.Hash(key), Context.RequestAborted) is not { } owner)
            return null;

        return new ClaimsIdentity(
            [
                new Claim(TenantContext.UserClaim, owner.UserId.ToString()),
                new Claim(TenantContext.OrganizationClaim, owner.OrganizationId.ToString()),
                new Claim(TenantContext.RoleClaim, owner.Role),
                new Claim(TenantContext.ViaClaim, "api_key"),
            ],
            SchemeName, TenantContext.UserClaim, TenantContext.RoleClaim);
    }
}
