using System.Security.Claims;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Infrastructure.Web;

/// <summary>Who is calling, taken from the access token or API key: the only source of an organization's id in a request.</summary>
/// <param name="SessionId">The sign-in that the token belongs to; null for an API key.</param>
/// <param name="Via"><c>session</c> or <c>api_key</c>.</param>
internal sealed record TenantContext(Guid UserId, Guid OrganizationId, string UserRole, Guid? SessionId, string Via)
{
    public const string OrganizationClaim = "org";
    public const string RoleClaim = "role";
    public const string SessionClaim = "sid";
    public const string UserClaim = "sub";
    public const string ViaClaim = "via";

    public Actor Actor { get; } = new(UserId, UserRole, Via);

    /// <summary>Lets a handler take the context as a parameter; every route that does is behind authorization.</summary>
    public static ValueTask<TenantContext?> BindAsync(HttpContext http) => ValueTask.FromResult<TenantContext?>(From(http.User));

    public static TenantContext From(ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirst(UserClaim)!.Value),
        Guid.Parse(principal.FindFirst(OrganizationClaim)!.Value),
        principal.FindFirst(RoleClaim)!.Value,
        principal.FindFirst(SessionClaim) is { } session ? Guid.Parse(session.Value) : null,
        principal.FindFirst(ViaClaim)!.Value);
}
