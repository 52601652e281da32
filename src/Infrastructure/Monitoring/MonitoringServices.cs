namespace LexCustis.Infrastructure.Monitoring;

internal static class MonitoringServices
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) => services
        .AddHostedService<MonitoringWatch>();
}
