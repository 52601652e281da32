namespace LexCustis.Infrastructure.Redis;

/// <summary>Whether the counters are kept in this process because Redis does not serve. One line is logged per change, none per request.</summary>
internal sealed partial class Degradation(RedisConnection? redis, TimeProvider clock, ILogger<Degradation> log)
{
    // A full or read-only Redis refuses some calls and serves others; only a while without any refusal counts as recovered.
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _lastFailure;
    private volatile bool _isDegraded;

    /// <summary>False as well where no Redis is configured: then the process's own counters are what was asked for.</summary>
    public bool IsDegraded => _isDegraded;

    public void Failed(RedisException reason)
    {
        lock (_gate)
        {
            _lastFailure = clock.GetTimestamp();
            if (_isDegraded) return;
            _isDegraded = true;
        }

        LogDegraded(log, reason.Message);
    }

    public void Succeeded()
    {
        if (!_isDegraded) return;
        lock (_gate)
        {
            if (!_isDegraded || clock.GetElapsedTime(_lastFailure) < s_calm) return;
            _isDegraded = false;
        }

        LogRecovered(log);
    }

    /// <summary>Asks Redis, for <c>/readyz</c>: without it an idle process would not notice a recovery.</summary>
    /// <returns>Whether Redis, if any, is there and serves.</returns>
    public async ValueTask<bool> ProbeAsync(CancellationToken ct)
    {
        if (redis is null) return true;
        try
        {
            await redis.PingAsync(ct);
            Succeeded();
        }
        catch (RedisException e)
        {
            Failed(e);
        }

        return !_isDegraded;
    }

    [LoggerMessage(10, LogLevel.Warning, "Redis does not serve; budgets and rate limits are counted in this process: {Reason}")]
    private static partial void LogDegraded(ILogger log, string reason);

    [LoggerMessage(11, LogLevel.Information, "Redis serves again; budgets and rate limits are shared again")]
    private static partial void LogRecovered(ILogger log);
}
