namespace LexCustis.Infrastructure.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAuditLog(this IServiceCollection services, MasterKeys masterKeys) => services
        .AddSingleton(masterKeys)
        .AddSingleton<AuditEntries>()
        .AddSingleton<ChainWriter>()
        .AddSingleton<AuditLog>()
        .AddSingleton<SubjectKeys>()
        .AddSingleton<AuditVerifier>();
}
