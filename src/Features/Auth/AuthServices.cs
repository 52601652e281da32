namespace LexCustis.Features.Auth;

internal static class AuthServices
{
    public static IServiceCollection AddAuth(this IServiceCollection services) => services
        .AddSingleton<Session>()
        .AddSingleton<SignInLimit>()
        .AddSingleton<NewOrganization>();
}
