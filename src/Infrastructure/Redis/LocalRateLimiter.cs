namespace LexCustis.Infrastructure.Redis;

/// <summary>The in-process twin of the rate limiter's script.</summary>
/// <remarks>
/// Two generations of keys bound the memory without a sweep. A new one begins after a full window, when all that the older holds is idle
/// and so worth nothing; or when it holds <paramref name="capacity"/> keys, as when an attacker brings many addresses: then a key unseen
/// among that many others is forgotten early and gets its minute anew, while keys in use stay.
/// </remarks>
internal sealed class LocalRateLimiter(TimeProvider clock, int capacity = 16 * 1024)
{
    private static readonly TimeSpan s_full = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();

    // When the key's bucket will be empty, in time since the start.
    private Dictionary<string, TimeSpan> _young = [];
    private Dictionary<string, TimeSpan> _old = [];
    private TimeSpan _youngSince;

    /// <summary>Keys held; never more than twice the capacity.</summary>
    public int Count
    {
        get { lock (_gate) return _young.Count + _old.Count; }
    }

    /// <param name="perMinute">At least 1.</param>
    public RateDecision Take(string key, int perMinute)
    {
        var each = s_full / perMinute;
        lock (_gate)
        {
            var now = clock.GetElapsedTime(_start);
            if (now - _youngSince >= s_full || _young.Count >= capacity) Age(now);

            if (!_young.TryGetValue(key, out var empty)) _old.TryGetValue(key, out empty);
            if (empty < now) empty = now;
            var wait = empty + each - s_full - now;
            _young[key] = wait > TimeSpan.Zero ? empty : empty + each;
            return wait > TimeSpan.Zero ? new RateDecision(Allowed: false, wait) : new RateDecision(Allowed: true, TimeSpan.Zero);
        }
    }

    public void Forget(string key)
    {
        lock (_gate)
        {
            _young.Remove(key);
            _old.Remove(key);
        }
    }

    private void Age(TimeSpan now)
    {
        (_old, _young) = (_young, _old);
        _young.Clear();
        _youngSince = now;
    }
}
