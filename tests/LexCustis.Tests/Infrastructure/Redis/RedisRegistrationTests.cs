using LexCustis.Infrastructure.Redis;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexCustis.Tests.Infrastructure.Redis;

public sealed class RedisRegistrationTests
{
    [Fact]
    public async Task Without_a_url_the_process_counts()
    {
        await using var services = Build(url: null);
        foreach (var hosted in services.GetServices<IHostedService>()) await hosted.StartAsync(CancellationToken.None);

        Assert.Null(services.GetService<RedisConnection>());
        Assert.True((await services.GetRequiredService<TurnBudget>().TakeAsync(Guid.Empty, 1, _ => ValueTask.FromResult(0), CancellationToken.None)).Allowed);
        Assert.True((await services.GetRequiredService<RateLimiter>().TakeAsync("user:a", 1, CancellationToken.None)).Allowed);
        Assert.True(await services.GetRequiredService<Degradation>().ProbeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task With_a_url_the_start_connects()
    {
        await using var server = await RedisServer.StartAsync();
        await using var services = Build(server.Url);
        foreach (var hosted in services.GetServices<IHostedService>()) await hosted.StartAsync(CancellationToken.None);

        await RedisConnectionTests.UntilAsync(() => services.GetRequiredService<RedisConnection>().IsHealthy);
    }

    private static ServiceProvider Build(RedisUrl? url) =>
        new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddRedis(url).BuildServiceProvider();
}
