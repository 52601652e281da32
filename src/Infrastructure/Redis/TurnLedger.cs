using System.Collections.Concurrent;

namespace LexCustis.Infrastructure.Redis;

/// <summary>What this process knows of the turns taken today, one <see cref="Day"/> an organization; earlier days are dropped.</summary>
internal sealed class TurnLedger
{
    private readonly ConcurrentDictionary<(Guid Organization, DateOnly Date), Day> _days = new();
    private int _newest;

    public Day Of(Guid organization, DateOnly date)
    {
        if (date.DayNumber > Volatile.Read(ref _newest)) DropBefore(date);
        return _days.GetOrAdd((organization, date), static _ => new Day());
    }

    private void DropBefore(DateOnly date)
    {
        Volatile.Write(ref _newest, date.DayNumber);
        foreach (var key in _days.Keys)
        {
            if (key.Date < date) _days.TryRemove(key, out _);
        }
    }

    /// <summary>
    /// One organization's day. The turns known of are <c>shared + owed</c>: the highest count ever seen outside (Redis, audit log), and
    /// the turns granted here that Redis has not confirmed. Both only grow, but for owed turns becoming shared ones.
    /// </summary>
    internal sealed class Day
    {
        private readonly Lock _gate = new();
        private Task? _counting;
        private int _shared;
        private int _granted;
        private int _confirmed;
        private int _asking;
        private bool _isCounted;

        /// <summary>What a call to Redis has to tell: the count it must not fall below, and this process's own grants, confirmed and all.</summary>
        public sealed record Claim(int Shared, int Confirmed, int Granted);

        /// <summary>Whether the audit log was asked since Redis was last heard of.</summary>
        public bool IsCounted
        {
            get { lock (_gate) return _isCounted; }
        }

        /// <summary>Announces turns that Redis is about to be asked for; <see cref="Learn"/>, <see cref="Grant"/> or <see cref="Withdraw"/> ends it.</summary>
        public void Ask(int turns)
        {
            lock (_gate) _asking += turns;
        }

        public void Withdraw(int turns)
        {
            lock (_gate) _asking -= turns;
        }

        public Claim Read()
        {
            lock (_gate) return new Claim(_shared, _confirmed, _granted);
        }

        /// <summary>Redis answered a call that had brought <paramref name="claim"/>: all its grants are now part of <paramref name="used"/>.</summary>
        public void Learn(Claim claim, int used, int asked)
        {
            lock (_gate)
            {
                _shared = Math.Max(_shared, used);
                _confirmed = Math.Max(_confirmed, claim.Granted);
                _asking -= asked;
                _isCounted = false;
            }
        }

        /// <summary>Decides here, without Redis.</summary>
        /// <param name="turns">0 only reads.</param>
        /// <param name="asked">What of them <see cref="Ask"/> had announced.</param>
        public (bool Allowed, int Used) Grant(int turns, int cap, int asked)
        {
            lock (_gate)
            {
                // Redis may yet be found to have granted what others are still asking for.
                _asking -= asked;
                var used = _shared + _granted - _confirmed;
                if (turns == 0 || used + _asking + turns > cap) return (false, used);
                _granted += turns;
                return (true, used + turns);
            }
        }

        /// <summary>Learns the log's count. Callers that come while one count runs share it.</summary>
        public async ValueTask CountAsync(Func<CancellationToken, ValueTask<int>> countFromLog, CancellationToken ct)
        {
            Task counting;

            // Not this caller's token: others may be waiting for the same count.
            lock (_gate) counting = _counting ??= Task.Run(() => CountOnceAsync(countFromLog), CancellationToken.None);
            await counting.WaitAsync(ct);
        }

        private async Task CountOnceAsync(Func<CancellationToken, ValueTask<int>> countFromLog)
        {
            try
            {
                var count = await countFromLog(CancellationToken.None);
                lock (_gate)
                {
                    // The log may hold the owed turns already; what is left of it without them is surely shared.
                    _shared = Math.Max(_shared, count - (_granted - _confirmed));
                    _isCounted = true;
                }
            }
            finally
            {
                lock (_gate) _counting = null;
            }
        }
    }
}
