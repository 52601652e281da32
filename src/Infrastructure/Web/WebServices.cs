using System.Text.Encodings.Web;
using LexCustis.Infrastructure.Configuration;
using Microsoft.AspNetCore.Authorization;

namespace LexCustis.Infrastructure.Web;

internal static class WebServices
{
    public static IServiceCollection AddAuthenticationByTokenOrKey(this IServiceCollection services)
    {
        services.AddSingleton<AccessTokens>();
        // The core alone: AddAuthentication brings data protection along, which writes key files for cookies that nobody uses here.
        services.AddSingleton(UrlEncoder.Default).AddTransient<BearerAuthentication>().AddAuthenticationCore(static options =>
        {
            options.DefaultScheme = BearerAuthentication.SchemeName;
            options.AddScheme<BearerAuthentication>(BearerAuthentication.SchemeName, displayName: null);
        });
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Administers, Any(Roles.Admin))
            .AddPolicy(Policies.Oversees, Any(Roles.Admin, Roles.Compliance))
            .AddPolicy(Policies.Audits, Any(Roles.Admin, Roles.Compliance, Roles.Auditor))
            .AddPolicy(Policies.Chats, Any(Roles.Admin, Roles.Compliance, Roles.Member))
            .AddPolicy(Policies.Contributes, Any(Roles.Admin, Roles.Member));
        return services;

        static Action<AuthorizationPolicyBuilder> Any(params string[] roles) => policy => policy.RequireClaim(TenantContext.RoleClaim, roles);
    }

    /// <summary>Replaces the connection's address and scheme by the client's, where a trusted proxy stands between.</summary>
    public static void UseClientAddress(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<Settings>().TrustedProxies;
        app.Use((http, next) =>
        {
            // The proxy nearest to us speaks last, and only it is known to be one of ours.
            if (proxies.Trusts(http.Connection.RemoteIpAddress) && http.Request.Headers["X-Forwarded-Proto"].ToString().EndsWith("https", StringComparison.OrdinalIgnoreCase))
                http.Request.Scheme = "https";
            http.Connection.RemoteIpAddress = proxies.Client(http.Connection.RemoteIpAddress, http.Request.Headers["X-Forwarded-For"] is { Count: > 0 } header ? header.ToString() : null);
            return next(http);
        });
    }
}
