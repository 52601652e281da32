namespace LexCustis.Infrastructure.Incidents;

internal static class IncidentServices
{
    public static IServiceCollection AddIncidents(this IServiceCollection services) => services
        .AddSingleton<IncidentRegister>()
        .AddHostedService<IncidentReminders>();
}
