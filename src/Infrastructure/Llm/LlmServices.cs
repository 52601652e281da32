namespace LexCustis.Infrastructure.Llm;

internal static class LlmServices
{
    public static IServiceCollection AddProviders(this IServiceCollection services, ProviderDefaults defaults) => services
        .AddSingleton(defaults)
        .AddSingleton(static provider => new UpstreamClient(new LlmTimeouts(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<LlmProviderFactory>();
}
