using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Auth;

internal static class AuthEndpoints
{
    public static void MapAuth(this WebApplication app)
    {
        var anyone = app.MapGroup("/api/auth").WithTags("auth")
            .TakesHeader("X-Session", "`cookie`: a browser's session. The refresh token is then kept in a cookie that no script can read, and is in no body.");
        Register.Map(anyone);
        Login.Map(anyone);
        Refresh.Map(anyone);
        Logout.Map(anyone);

        var signedIn = app.MapGroup("/api/auth").WithTags("auth").RequireAuthorization();
        Me.Map(signedIn);
        ChangePassword.Map(signedIn);
    }
}
