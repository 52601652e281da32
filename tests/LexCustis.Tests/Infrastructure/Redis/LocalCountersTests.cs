using LexCustis.Infrastructure.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexCustis.Tests.Infrastructure.Redis;

/// <summary>Budget and rate limit where no Redis is configured.</summary>
public sealed class LocalCountersTests
{
    private static readonly Guid s_organization = Guid.Parse("0198a000-0000-7000-8000-000000000001");

    private readonly ManualClock _clock = new();
    private readonly TurnBudget _budget;

    public LocalCountersTests() => _budget = new TurnBudget(redis: null, new Degradation(redis: null, _clock, NullLogger<Degradation>.Instance), _clock);

    [Fact]
    public async Task Fifty_at_once_against_a_cap_of_ten_are_exactly_ten()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => TakeAsync(10, logged: 0))));

        Assert.Equal(10, decisions.Count(d => d.Allowed));
        Assert.Equal(Enumerable.Range(1, 10), decisions.Where(d => d.Allowed).Select(d => d.Used).Order());
    }

    [Fact]
    public async Task Starts_from_the_log_and_asks_it_once_a_day()
    {
        var counts = 0;
        for (var i = 1; i <= 3; i++)
        {
            var decision = await _budget.TakeAsync(s_organization, 100, Count, CancellationToken.None);
            Assert.Equal((true, 7 + i), (decision.Allowed, decision.Used));
        }

        Assert.Equal(1, counts);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(8, (await _budget.TakeAsync(s_organization, 100, Count, CancellationToken.None)).Used);
        Assert.Equal(2, counts);

        ValueTask<int> Count(CancellationToken ct)
        {
            counts++;
            return ValueTask.FromResult(7);
        }
    }

    [Fact]
    public async Task A_failed_count_is_the_callers_error_and_is_tried_again()
    {
        await Assert.ThrowsAsync<IOException>(async () =>
            await _budget.TakeAsync(s_organization, 10, _ => throw new IOException("The log is away."), CancellationToken.None));

        Assert.Equal(4, (await TakeAsync(10, logged: 3)).Used);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task No_cap_allows_nothing(int cap)
    {
        var decision = await TakeAsync(cap, logged: 0);

        Assert.Equal((false, 0), (decision.Allowed, decision.Used));
    }

    [Fact]
    public async Task Ends_at_midnight_utc_and_reading_takes_nothing()
    {
        await TakeAsync(10, logged: 0);
        var usage = await _budget.UsageAsync(s_organization, 10, _ => ValueTask.FromResult(0), CancellationToken.None);
        Assert.Equal(new BudgetUsage(new DateOnly(2026, 8, 2), 1, 10, new DateTimeOffset(2026, 8, 3, 0, 0, 0, TimeSpan.Zero)), usage);

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await TakeAsync(10, logged: 0)).Used);
    }

    [Fact]
    public void A_minute_may_come_at_once_and_then_drips()
    {
        var limiter = new LocalRateLimiter(_clock);

        Assert.All(Enumerable.Range(0, 60), _ => Assert.True(limiter.Take("user:a", 60).Allowed));
        Assert.Equal(new RateDecision(Allowed: false, TimeSpan.FromSeconds(1)), limiter.Take("user:a", 60));
        Assert.True(limiter.Take("user:b", 60).Allowed);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limiter.Take("user:a", 60).Allowed);
        Assert.False(limiter.Take("user:a", 60).Allowed);

        limiter.Forget("user:a");
        Assert.True(limiter.Take("user:a", 60).Allowed);
    }

    [Fact]
    public void Many_addresses_neither_fill_the_memory_nor_free_a_key_in_use()
    {
        var limiter = new LocalRateLimiter(_clock, capacity: 100);
        var allowed = 0;
        for (var i = 0; i < 10_000; i++)
        {
            limiter.Take($"ip:{i}", 5);
            if (limiter.Take("user:a", 5).Allowed) allowed++;
            Assert.InRange(limiter.Count, 1, 200);
        }

        Assert.Equal(5, allowed);
        _clock.Advance(TimeSpan.FromMinutes(1));
        limiter.Take("user:a", 5);
        _clock.Advance(TimeSpan.FromMinutes(1));
        limiter.Take("user:b", 5);
        Assert.Equal(2, limiter.Count);
    }

    private Task<BudgetDecision> TakeAsync(int cap, int logged) =>
        _budget.TakeAsync(s_organization, cap, _ => ValueTask.FromResult(logged), CancellationToken.None).AsTask();
}
