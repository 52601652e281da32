namespace LexCustis.Infrastructure.Redis;

/// <param name="RetryAfter">Zero when allowed; else the time until one more would be, if nothing else is taken meanwhile.</param>
internal sealed record RateDecision(bool Allowed, TimeSpan RetryAfter);

/// <summary>
/// So many calls a minute for a key, all of which may come at once (GCRA, a leaky bucket that stores one time a key). Redis keeps the
/// times and reads its own clock; where none is configured, or while it does not serve, this process does, starting afresh.
/// </summary>
internal sealed class RateLimiter(RedisConnection? redis, Degradation degradation, TimeProvider clock)
{
    // Microseconds. The stored time is when the bucket will be empty; it lies at most a full bucket ahead. One further ahead was written
    // before the clock jumped back, and is forgotten rather than waited for.
    private static readonly RedisScript s_take = new("""
        local full = 60000000
        local each = full / tonumber(ARGV[1])
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

        local empty = tonumber(redis.call('GET', KEYS[1]) or now)
        if empty < now or empty > now + full then empty = now end

        local wait = empty + each - full - now
        if wait >= 1 then return math.ceil(wait) end

        redis.call('SET', KEYS[1], string.format('%.0f', empty + each), 'PX', math.ceil((empty + each - now) / 1000))
        return 0
        """);

    private readonly LocalRateLimiter _local = new(clock);

    /// <param name="key">Used as it is, e.g. <c>user:{uuid}</c> or <c>ip:{address}</c>.</param>
    /// <param name="perMinute">Nothing is allowed where it is 0 or less.</param>
    public async ValueTask<RateDecision> TakeAsync(string key, int perMinute, CancellationToken ct)
    {
        if (perMinute <= 0) return new RateDecision(Allowed: false, TimeSpan.FromMinutes(1));
        if (redis is not null)
        {
            try
            {
                if (await redis.RunAsync(s_take, [key], [perMinute], ct) is RespReply.Integer wait)
                {
                    degradation.Succeeded();
                    return new RateDecision(wait.Value == 0, TimeSpan.FromMicroseconds(wait.Value));
                }
            }
            catch (RedisException e)
            {
                degradation.Failed(e);
            }
        }

        return _local.Take(key, perMinute);
    }

    /// <summary>Empties the key's bucket; while Redis does not serve, only this process's.</summary>
    public async ValueTask ForgetAsync(string key, CancellationToken ct)
    {
        _local.Forget(key);
        if (redis is null) return;
        try
        {
            await redis.SendAsync(["DEL", key], ct);
        }
        catch (RedisException e)
        {
            degradation.Failed(e);
        }
    }
}
