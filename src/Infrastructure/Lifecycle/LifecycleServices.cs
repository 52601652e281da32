namespace LexCustis.Infrastructure.Lifecycle;

internal static class LifecycleServices
{
    /// <summary>Retention and key rotation, in the background of a server.</summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services) => services.AddHostedService<KeyUpkeep>();
}
