namespace LexCustis.Infrastructure.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAuditLog(this IServiceCollection services, MasterKeys masterKeys, CheckpointSettings checkpoints) => services
        .AddSingleton(masterKeys)
        .AddSingleton(checkpoints)
        .AddSingleton<AuditEntries>()
        .AddSingleton<ChainWriter>()
        .AddSingleton<AuditLog>()
        .AddSingleton<SubjectKeys>()
        .AddSingleton<Checkpointer>()
        .AddSingleton<AuditVerifier>();

    /// <summary>What a server does for the log by itself.</summary>
    public static IServiceCollection AddCheckpoints(this IServiceCollection services) => services
        .AddSingleton<CheckpointHealth>()
        .AddHostedService<CheckpointService>();
}
