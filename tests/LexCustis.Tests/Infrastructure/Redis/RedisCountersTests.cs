using LexCustis.Infrastructure.Redis;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexCustis.Tests.Infrastructure.Redis;

/// <summary>Budget and rate limit over a real Redis, and while it is away.</summary>
public sealed class RedisCountersTests : IAsyncLifetime
{
    private static readonly Guid s_organization = Guid.Parse("0198a000-0000-7000-8000-000000000001");

    private readonly ManualClock _clock = new();
    private readonly List<Server> _servers = [];
    private RedisServer _redis = null!;
    private int _logged;
    private int _counts;

    private string Key => TurnBudget.KeyOf(s_organization, DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime));

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.Connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Fifty_at_once_over_three_servers_against_a_cap_of_ten_are_exactly_ten()
    {
        Server[] servers = [NewServer(), NewServer(), NewServer()];

        var decisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => TakeAsync(servers[i % 3], 10))));

        Assert.Equal(Enumerable.Range(1, 10), decisions.Where(d => d.Allowed).Select(d => d.Used).Order());
        Assert.Equal("10", await GetAsync(servers[0], Key));
        var lifetime = Assert.IsType<RespReply.Integer>(await servers[0].Connection.SendAsync(["TTL", Key], CancellationToken.None)).Value;
        Assert.InRange(lifetime, 172_700, 172_800);
    }

    [Fact]
    public void The_key_is_the_contract() =>
        Assert.Equal("budget:chat:0198a000-0000-7000-8000-000000000001:20260802", Key);

    [Fact]
    public async Task A_flushed_counter_is_rebuilt_from_the_log_by_whoever_comes_first()
    {
        Server[] servers = [NewServer(), NewServer()];
        for (var i = 0; i < 4; i++) Assert.True((await TakeAsync(servers[0], 10)).Allowed);
        _logged = 4;
        await servers[0].Connection.SendAsync(["FLUSHALL"], CancellationToken.None);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TakeAsync(servers[1], 10))));

        Assert.Equal(Enumerable.Range(5, 6), decisions.Where(d => d.Allowed).Select(d => d.Used).Order());
        Assert.Equal("10", await GetAsync(servers[0], Key));
    }

    [Fact]
    public async Task A_flush_does_not_forget_turns_that_are_not_logged_yet()
    {
        var server = NewServer();
        for (var i = 0; i < 4; i++) await TakeAsync(server, 10);
        await server.Connection.SendAsync(["FLUSHALL"], CancellationToken.None);

        Assert.Equal(5, (await TakeAsync(server, 10)).Used);
    }

    [Fact]
    public async Task Reading_takes_nothing_and_no_cap_allows_nothing()
    {
        var server = NewServer();
        _logged = 3;

        for (var i = 0; i < 2; i++) Assert.Equal(3, (await UsageAsync(server, 10)).Used);
        Assert.Equal(1, _counts);
        Assert.Equal((false, 3), Shown(await TakeAsync(server, 0)));
        Assert.Equal((false, 3), Shown(await TakeAsync(server, -5)));
        Assert.Equal((false, 3), Shown(await TakeAsync(server, 2)));
    }

    [Fact]
    public async Task With_redis_gone_the_process_keeps_the_cap_alone()
    {
        var server = NewServer();
        for (var i = 0; i < 3; i++) await TakeAsync(server, 10);
        await _redis.KillAsync();

        var decisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => TakeAsync(server, 10))));

        Assert.Equal(7, decisions.Count(d => d.Allowed));
        Assert.True(server.Degradation.IsDegraded);
        Assert.Equal((false, 10), Shown(await TakeAsync(server, 10)));
        Assert.Equal(10, (await UsageAsync(server, 10)).Used);
        Assert.Single(server.Log.Lines, line => line.StartsWith("Redis does not serve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_redis_gone_from_the_start_the_log_is_what_counts()
    {
        await _redis.KillAsync();
        _logged = 8;
        var server = NewServer();

        var decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TakeAsync(server, 10))));

        Assert.Equal(2, decisions.Count(d => d.Allowed));
        Assert.Equal(1, _counts);
    }

    [Fact]
    public async Task Turns_taken_while_redis_was_away_are_carried_exactly_once()
    {
        Server[] servers = [NewServer(), NewServer()];
        await TakeAsync(servers[0], 100);
        await TakeAsync(servers[1], 100);
        await servers[0].Connection.SendAsync(["SAVE"], CancellationToken.None);
        await _redis.KillAsync();
        for (var i = 0; i < 5; i++) await TakeAsync(servers[0], 100);
        for (var i = 0; i < 3; i++) await TakeAsync(servers[1], 100);

        // The first server has not seen what the second took.
        Assert.Equal(1 + 5, (await UsageAsync(servers[0], 100)).Used);

        await _redis.RestartAsync();
        await RedisConnectionTests.UntilAsync(() => servers.All(s => s.Connection.IsHealthy));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => TakeAsync(servers[i % 2], 100))));

        Assert.Equal(2 + 5 + 3 + 20, (await UsageAsync(servers[0], 100)).Used);
        Assert.Equal("30", await GetAsync(servers[0], Key));

        _clock.Advance(TimeSpan.FromSeconds(6));
        await TakeAsync(servers[0], 100);
        Assert.False(servers[0].Degradation.IsDegraded);
        Assert.Single(servers[0].Log.Lines, line => line.StartsWith("Redis serves again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redis_back_empty_takes_the_larger_of_log_and_memory_and_counts_no_carry_twice()
    {
        var server = NewServer();
        for (var i = 0; i < 3; i++) await TakeAsync(server, 100);
        await _redis.KillAsync();
        for (var i = 0; i < 5; i++) await TakeAsync(server, 100);
        _logged = 8;
        await _redis.RestartAsync();
        await RedisConnectionTests.UntilAsync(() => server.Connection.IsHealthy);

        Assert.Equal(9, (await TakeAsync(server, 100)).Used);
    }

    [Fact]
    public async Task A_take_that_times_out_is_never_lost_and_counts_at_most_twice()
    {
        var server = NewServer(timeout: TimeSpan.FromMilliseconds(200));
        await TakeAsync(server, 10);
        _redis.Pause();
        Assert.Equal((true, 2), Shown(await TakeAsync(server, 10)));
        _redis.Resume();
        await RedisConnectionTests.UntilAsync(() => server.Connection.IsHealthy);

        // The paused server had the command in its socket, and runs it although nobody waits any more.
        Assert.InRange((await TakeAsync(server, 10)).Used, 3, 4);
    }

    [Fact]
    public async Task A_carry_whose_reply_was_lost_is_not_added_again()
    {
        var server = NewServer(timeout: TimeSpan.FromMilliseconds(200));
        await TakeAsync(server, 100);
        await server.Connection.SendAsync(["SAVE"], CancellationToken.None);
        await _redis.KillAsync();
        for (var i = 0; i < 5; i++) await TakeAsync(server, 100);
        await _redis.RestartAsync();
        await RedisConnectionTests.UntilAsync(() => server.Connection.IsHealthy);

        // So that the restarted server knows the script, and runs it when it is next called.
        await server.Budget.TakeAsync(Guid.Empty, 1, CountAsync, CancellationToken.None);

        // The first to bring the carry gets no reply, and reading takes nothing that could itself be doubtful.
        _redis.Pause();
        Assert.Equal(6, (await UsageAsync(server, 100)).Used);
        _redis.Resume();
        await RedisConnectionTests.UntilAsync(() => server.Connection.IsHealthy);

        await RedisConnectionTests.UntilAsync(async () => await GetAsync(server, Key) == "6");
        Assert.Equal(6, (await UsageAsync(server, 100)).Used);
        Assert.Equal("6", await GetAsync(server, Key));
        Assert.Equal(7, (await TakeAsync(server, 100)).Used);
    }

    [Theory]
    [InlineData("CONFIG", "SET", "maxmemory", "1")]
    [InlineData("REPLICAOF", "127.0.0.1", "1")]
    public async Task A_redis_that_refuses_writes_is_taken_over_from_too(params string[] trouble)
    {
        var server = NewServer();
        for (var i = 0; i < 3; i++) await TakeAsync(server, 10);
        await server.Connection.SendAsync([.. trouble.Select(word => (RespArgument)word)], CancellationToken.None);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => TakeAsync(server, 10))));

        Assert.Equal(7, decisions.Count(d => d.Allowed));
        Assert.True(server.Degradation.IsDegraded);
        Assert.True((await server.Limiter.TakeAsync("user:a", 1, CancellationToken.None)).Allowed);
        Assert.False((await server.Limiter.TakeAsync("user:a", 1, CancellationToken.None)).Allowed);
    }

    [Fact]
    public async Task The_rate_is_shared_by_servers_and_keys_are_used_as_given()
    {
        Server[] servers = [NewServer(), NewServer()];

        var decisions = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => Task.Run(() => servers[i % 2].Limiter.TakeAsync("user:a", 10, CancellationToken.None).AsTask())));

        Assert.Equal(10, decisions.Count(d => d.Allowed));
        Assert.All(decisions, d => Assert.InRange(d.RetryAfter, d.Allowed ? TimeSpan.Zero : TimeSpan.FromTicks(1), TimeSpan.FromSeconds(6)));
        var lifetime = Assert.IsType<RespReply.Integer>(await servers[0].Connection.SendAsync(["PTTL", "user:a"], CancellationToken.None)).Value;
        Assert.InRange(lifetime, 50_000, 60_001);

        await servers[1].Limiter.ForgetAsync("user:a", CancellationToken.None);
        Assert.True((await servers[0].Limiter.TakeAsync("user:a", 10, CancellationToken.None)).Allowed);
        Assert.False((await servers[0].Limiter.TakeAsync("user:b", 0, CancellationToken.None)).Allowed);
    }

    [Fact]
    public async Task A_minutes_worth_drips_back_by_the_clock_of_redis()
    {
        var server = NewServer();
        var last = new RateDecision(Allowed: true, TimeSpan.Zero);
        while (last.Allowed) last = await server.Limiter.TakeAsync("ip:::1", 600, CancellationToken.None);

        Assert.InRange(last.RetryAfter, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(100));
        await Task.Delay(last.RetryAfter + TimeSpan.FromMilliseconds(20));
        Assert.True((await server.Limiter.TakeAsync("ip:::1", 600, CancellationToken.None)).Allowed);
    }

    [Fact]
    public async Task A_clock_that_jumped_back_locks_nobody_out()
    {
        var server = NewServer();

        // What a bucket looks like that was filled an hour ahead of now: microseconds.
        var ahead = (TimeProvider.System.GetUtcNow().AddHours(1) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await server.Connection.SendAsync(["SET", "user:a", ahead], CancellationToken.None);

        Assert.True((await server.Limiter.TakeAsync("user:a", 2, CancellationToken.None)).Allowed);
        Assert.True((await server.Limiter.TakeAsync("user:a", 2, CancellationToken.None)).Allowed);
        var refused = await server.Limiter.TakeAsync("user:a", 2, CancellationToken.None);
        Assert.False(refused.Allowed);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_probe_sees_redis_go_and_come_back()
    {
        var server = NewServer();
        Assert.True(await server.Degradation.ProbeAsync(CancellationToken.None));
        await _redis.KillAsync();
        Assert.False(await server.Degradation.ProbeAsync(CancellationToken.None));

        await _redis.RestartAsync();
        await RedisConnectionTests.UntilAsync(() => server.Connection.IsHealthy);
        Assert.False(await server.Degradation.ProbeAsync(CancellationToken.None));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await server.Degradation.ProbeAsync(CancellationToken.None));
    }

    private static (bool Allowed, int Used) Shown(BudgetDecision decision) => (decision.Allowed, decision.Used);

    private Server NewServer(TimeSpan? timeout = null)
    {
        var connection = new RedisConnection(_redis.Url, TimeProvider.System, NullLogger<RedisConnection>.Instance)
        {
            CommandTimeout = timeout ?? TimeSpan.FromSeconds(5),
            ConnectTimeout = timeout ?? TimeSpan.FromSeconds(10),
        };
        var log = new RecordingLog();
        var degradation = new Degradation(connection, _clock, log);
        var server = new Server(connection, degradation, new TurnBudget(connection, degradation, _clock), new RateLimiter(connection, degradation, _clock), log);
        _servers.Add(server);
        return server;
    }

    private Task<BudgetDecision> TakeAsync(Server server, int cap) => server.Budget.TakeAsync(s_organization, cap, CountAsync, CancellationToken.None).AsTask();

    private Task<BudgetUsage> UsageAsync(Server server, int cap) => server.Budget.UsageAsync(s_organization, cap, CountAsync, CancellationToken.None).AsTask();

    private static async Task<string> GetAsync(Server server, string key) =>
        Assert.IsType<RespReply.Bulk>(await server.Connection.SendAsync(["GET", key], CancellationToken.None)).Text;

    private ValueTask<int> CountAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref _counts);
        return ValueTask.FromResult(_logged);
    }

    /// <summary>What one server process holds.</summary>
    private sealed record Server(RedisConnection Connection, Degradation Degradation, TurnBudget Budget, RateLimiter Limiter, RecordingLog Log);

    private sealed class RecordingLog : ILogger<Degradation>
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get { lock (_lines) return [.. _lines]; }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }
    }
}
