namespace LexCustis.Features.Auth;

internal static class AuthEndpoints
{
    public static void MapAuth(this WebApplication app)
    {
        var anyone = app.MapGroup("/api/auth").WithTags("auth");
        Register.Map(anyone);
        Login.Map(anyone);
        Refresh.Map(anyone);
        Logout.Map(anyone);

        var signedIn = app.MapGroup("/api/auth").WithTags("auth").RequireAuthorization();
        Me.Map(signedIn);
        ChangePassword.Map(signedIn);
    }
}
