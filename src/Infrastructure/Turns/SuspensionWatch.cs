using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// Ends turns under way when their organization suspends the assistant, on whichever server that was done. While any turn runs here, the
/// suspensions of the organizations concerned are read twice a second, with one statement however many turns there are. It reads a state
/// and not an event, so that none can be lost; while the database is away nobody can suspend either, and turns go on.
/// </summary>
internal sealed partial class SuspensionWatch(TenantDirectory directory, TimeProvider clock, ILogger<SuspensionWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly HashSet<WatchedTurn> turns = [];

    /// <summary>Watches until it is disposed.</summary>
    /// <param name="suspensions">The organization's count when the turn was admitted.</param>
    public WatchedTurn Watch(Guid organization, int suspensions)
    {
        var turn = new WatchedTurn(this, organization, suspensions);
        lock (gate)
            turns.Add(turn);
        return turn;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops, and its turns with it.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        WatchedTurn[] running;
        lock (gate)
            running = [.. turns];
        if (running.Length == 0)
            return;

        try
        {
            var suspensions = await directory.FindSuspensionsAsync([.. running.Select(static turn => turn.Organization).Distinct()], stoppingToken);
            await Task.WhenAll(
                from suspension in suspensions
                from turn in running
                where turn.Organization == suspension.OrganizationId && turn.Suspensions < suspension.Count
                select turn.EndAsync(suspension.Reason));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(Problems.Summary(failure));
        }
    }

    private void Forget(WatchedTurn turn)
    {
        lock (gate)
            turns.Remove(turn);
    }

    [LoggerMessage(1303, LogLevel.Warning, "Could not see whether an organization is suspended ({Failure}); looking again in half a second")]
    private partial void LogFailed(string failure);

    internal sealed class WatchedTurn(SuspensionWatch owner, Guid organization, int suspensions) : IDisposable
    {
        // Never disposed: it has neither timer nor handle, and may be cancelled when the turn is just over.
        private readonly CancellationTokenSource suspended = new();

        public Guid Organization => organization;

        public int Suspensions => suspensions;

        /// <summary>Cancelled by a suspension.</summary>
        public CancellationToken Suspended => suspended.Token;

        /// <summary>Set before the token is cancelled; null when the assistant was resumed since.</summary>
        public string? Reason { get; private set; }

        /// <summary>Ends the turn on another thread: what it still has to do holds up no one else's end.</summary>
        public Task EndAsync(string? reason)
        {
            Reason ??= reason;
            return suspended.CancelAsync();
        }

        public void Dispose() => owner.Forget(this);
    }
}
