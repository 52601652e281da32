namespace LexCustis.Infrastructure.Redis;

/// <param name="Used">Turns of the day, the one just allowed included.</param>
/// <param name="ResetsAt">The next midnight, UTC.</param>
internal sealed record BudgetDecision(bool Allowed, int Used, int Cap, DateTimeOffset ResetsAt);

/// <param name="Day">The UTC day that is counted.</param>
internal sealed record BudgetUsage(DateOnly Day, int Used, int Cap, DateTimeOffset ResetsAt);

/// <summary>
/// The daily budget of chat turns: at most <c>cap</c> an organization and UTC day, over all servers. Redis counts; where none is
/// configured, or while it does not serve, this process does.
/// </summary>
/// <remarks>
/// <para>The count can always be rebuilt: a key that Redis does not have (first turn of the day, or Redis came back empty) starts from
/// the audit log's count, and never below what this process has already seen.</para>
/// <para>Turns granted here while Redis was away are carried into it by the next call that reaches it. The carry is a running total with
/// the process's name, of which Redis remembers how much it has added: repeating it, or an old one arriving late, adds nothing twice.</para>
/// <para>A take that gets no reply may have been counted by Redis, or may be later. It is decided here, and carried if it was allowed: at
/// worst Redis counts that one turn twice and the day ends a turn early. Not carrying it could let a turn through uncounted.</para>
/// <para>While Redis is away each server guards the cap by itself, from the count all had reached; together they may pass it.</para>
/// <para>The script has two keys, which Redis Cluster would put on different nodes: one Redis, replicated or not, is what this wants.</para>
/// </remarks>
internal sealed class TurnBudget(RedisConnection? redis, Degradation degradation, TimeProvider clock)
{
    // Returns nil, having done nothing, where the counter is missing and the caller has not asked the log yet.
    private static readonly RedisScript s_take = new("""
        local counter, carries = KEYS[1], KEYS[2]
        local turns, cap = tonumber(ARGV[1]), tonumber(ARGV[2])
        local floor, counted = tonumber(ARGV[3]), ARGV[4] == '1'
        local server, confirmed, granted = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
        local lifetime = tonumber(ARGV[8])

        local stored = redis.call('GET', counter)
        if not stored and not counted then return false end

        local owed = 0
        if granted > confirmed then
          local carried = tonumber(redis.call('HGET', carries, server) or '0')
          owed = math.max(0, granted - math.max(carried, confirmed))
        end

        local used = math.max(tonumber(stored or '0'), floor) + owed
        local allowed = turns > 0 and used + turns <= cap
        if allowed then used = used + turns end

        local text = string.format('%.0f', used)
        if text ~= stored then redis.call('SET', counter, text, 'EX', lifetime) end
        if owed > 0 then
          redis.call('HSET', carries, server, granted)
          redis.call('EXPIRE', carries, lifetime)
        end
        return {allowed and 1 or 0, used}
        """);

    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(48);

    private readonly TurnLedger _ledger = new();
    private readonly string _server = Guid.CreateVersion7(clock.GetUtcNow()).ToString();

    /// <summary>Takes one turn of today's budget, if any is left.</summary>
    /// <param name="cap">Nothing is allowed where it is 0 or less.</param>
    /// <param name="countFromLog">
    /// Counts the organization's turns of today in the audit log. One count may serve several requests, so it must not use anything that
    /// ends with this one.
    /// </param>
    /// <exception cref="OperationCanceledException">The caller gave up; the turn may count as taken.</exception>
    public async ValueTask<BudgetDecision> TakeAsync(
        Guid organization, int cap, Func<CancellationToken, ValueTask<int>> countFromLog, CancellationToken ct)
    {
        var date = Today();
        var (allowed, used) = await DecideAsync(organization, date, 1, cap, countFromLog, ct);
        return new BudgetDecision(allowed, used, cap, EndOf(date));
    }

    /// <summary>As <see cref="TakeAsync"/>, without taking.</summary>
    public async ValueTask<BudgetUsage> UsageAsync(
        Guid organization, int cap, Func<CancellationToken, ValueTask<int>> countFromLog, CancellationToken ct)
    {
        var date = Today();
        var (_, used) = await DecideAsync(organization, date, 0, cap, countFromLog, ct);
        return new BudgetUsage(date, used, cap, EndOf(date));
    }

    public static string KeyOf(Guid organization, DateOnly date) => $"budget:chat:{organization:D}:{date:yyyyMMdd}";

    private async ValueTask<(bool Allowed, int Used)> DecideAsync(
        Guid organization, DateOnly date, int turns, int cap, Func<CancellationToken, ValueTask<int>> countFromLog, CancellationToken ct)
    {
        var day = _ledger.Of(organization, date);
        if (redis is null)
        {
            if (!day.IsCounted) await day.CountAsync(countFromLog, ct);
            return day.Grant(turns, cap, asked: 0);
        }

        day.Ask(turns);
        try
        {
            try
            {
                var key = KeyOf(organization, date);
                if (await AskRedisAsync(redis, key, day, turns, cap, counted: false, ct) is { } decision) return decision;
                await day.CountAsync(countFromLog, ct);
                if (await AskRedisAsync(redis, key, day, turns, cap, counted: true, ct) is { } seeded) return seeded;
            }
            catch (RedisException e)
            {
                degradation.Failed(e);
            }

            if (!day.IsCounted) await day.CountAsync(countFromLog, ct);
            return day.Grant(turns, cap, asked: turns);
        }
        catch
        {
            day.Withdraw(turns);
            throw;
        }
    }

    private async ValueTask<(bool Allowed, int Used)?> AskRedisAsync(
        RedisConnection connection, string key, TurnLedger.Day day, int turns, int cap, bool counted, CancellationToken ct)
    {
        var claim = day.Read();
        var reply = await connection.RunAsync(
            s_take,
            [key, $"{key}:carried"],
            [turns, cap, claim.Shared, counted ? 1 : 0, _server, claim.Confirmed, claim.Granted, (long)s_lifetime.TotalSeconds],
            ct);

        if (reply is not RespReply.List { Items: [RespReply.Integer allowed, RespReply.Integer used] }) return null;
        var total = (int)Math.Min(used.Value, int.MaxValue);
        day.Learn(claim, total, asked: turns);
        degradation.Succeeded();
        return (allowed.Value == 1, total);
    }

    private DateOnly Today() => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private static DateTimeOffset EndOf(DateOnly date) => new(date.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
}
