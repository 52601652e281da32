using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// Gives an entry to each turn that began and never reached the log, because its server was killed or PostgreSQL stayed away: outcome
/// <c>shutdown</c>, without content. Any server may do it, several at once do no harm: the turn's id is the entry's.
/// </summary>
internal sealed partial class InterruptedTurns(TenantDirectory directory, AuditLog audit, TimeProvider clock, ILogger<InterruptedTurns> logger) : BackgroundService
{
    /// <summary>Longer than any turn can last: the upstream's total limit and the log's patience, with room.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    /// <summary>Turns older than this were looked at by every server that has run since.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(7);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <returns>The number of turns recorded.</returns>
    public async Task<int> RecordAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var turns = await directory.FindUnrecordedTurnsAsync(now - Window, now - Grace, cancellationToken);
        var recorded = 0;
        foreach (var turn in turns)
        {
            var entry = AuditEntries.ChatCompleted(turn.Id, turn.OrganizationId, new Actor(turn.UserId, turn.Role, turn.Via), content: null, json =>
            {
                json.WriteString("outcome"u8, TurnOutcome.Shutdown);
                if (turn.ConversationId is { } conversation)
                    json.WriteString("conversation_id"u8, conversation);
                json.WriteString("began_at"u8, AuditEncoder.FormatTime(turn.StartedAt));
                json.WriteBoolean("recovered"u8, true);
            });
            if (await audit.AppendOnceAsync(entry) is not null)
                recorded++;
        }

        return recorded;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                try
                {
                    if (await RecordAsync(stoppingToken) is > 0 and var recorded)
                        LogRecorded(recorded);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogFailed(failure.GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops. One that never came to listen would else report this as a failure of its own.
        }
    }

    [LoggerMessage(1301, LogLevel.Warning, "Recorded {Count} turns that a server had begun and not finished")]
    private partial void LogRecorded(int count);

    [LoggerMessage(1302, LogLevel.Warning, "Could not look for interrupted turns ({Failure}); trying again in a minute")]
    private partial void LogFailed(string failure);
}
