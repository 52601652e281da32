namespace LexCustis.Infrastructure.Redis;

internal static class RedisRegistration
{
    /// <summary>Adds <see cref="TurnBudget"/>, <see cref="RateLimiter"/> and <see cref="Degradation"/>; the caller has added a <see cref="TimeProvider"/>.</summary>
    /// <param name="url">Null counts in this process alone, which the start says in a warning.</param>
    public static IServiceCollection AddRedis(this IServiceCollection services, RedisUrl? url)
    {
        if (url is not null)
        {
            services.AddSingleton(s => new RedisConnection(
                url, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<RedisConnection>>()));
        }

        return services
            .AddSingleton(s => new Degradation(
                s.GetService<RedisConnection>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<Degradation>>()))
            .AddSingleton(s => new TurnBudget(
                s.GetService<RedisConnection>(), s.GetRequiredService<Degradation>(), s.GetRequiredService<TimeProvider>()))
            .AddSingleton(s => new RateLimiter(
                s.GetService<RedisConnection>(), s.GetRequiredService<Degradation>(), s.GetRequiredService<TimeProvider>()))
            .AddHostedService(s => new RedisStart(s.GetService<RedisConnection>(), s.GetRequiredService<ILogger<RedisStart>>()));
    }
}

/// <summary>Begins to connect while the host starts, without making it wait; or says that there is nothing to connect to.</summary>
internal sealed partial class RedisStart(RedisConnection? redis, ILogger<RedisStart> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis is null) LogAlone(log);
        else redis.Open();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(20, LogLevel.Warning, "LEXCUSTIS_REDIS_URL is not set: budgets and rate limits are counted in this process and not shared with others")]
    private static partial void LogAlone(ILogger log);
}
