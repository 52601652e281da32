namespace LexCustis.Infrastructure.Turns;

internal static class TurnServices
{
    public static IServiceCollection AddTurns(this IServiceCollection services) => services
        .AddSingleton<Conversations>()
        .AddSingleton<TurnAdmission>()
        .AddSingleton<AnswerComparisons>()
        .AddSingleton<TurnPipeline>()
        .AddHostedService<InterruptedTurns>()
        .AddSingleton<SuspensionWatch>()
        .AddHostedService(static services => services.GetRequiredService<SuspensionWatch>());
}
