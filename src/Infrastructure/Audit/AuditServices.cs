using LexCustis.Infrastructure.Configuration;

namespace LexCustis.Infrastructure.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAuditLog(this IServiceCollection services) => services
        .AddSingleton(static provider => provider.GetRequiredService<Settings>().MasterKeys)
        .AddSingleton<AuditEntries>()
        .AddSingleton<ChainWriter>()
        .AddSingleton<AuditLog>()
        .AddSingleton<SubjectKeys>()
        .AddSingleton<AuditVerifier>();
}
