using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Takes the checkpoints that are due, a round each interval. Every server does its rounds, one server at a time, so that each knows what
/// it may not sign; a round that finds nothing to do reads the list of logs and the end of each anchor file.
/// </summary>
internal sealed partial class CheckpointService(
    NpgsqlDataSource source, TenantDirectory directory, Checkpointer checkpointer, CheckpointSettings settings, CheckpointHealth health, TimeProvider clock, ILogger<CheckpointService> logger)
    : BackgroundService
{
    private const string Lock = "lexcustis.checkpoints";

    private static readonly TimeSpan PauseWhileAnotherServerHasTheLock = TimeSpan.FromSeconds(1);

    /// <summary>One round.</summary>
    /// <returns>False when another server is at it.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var turn = await ServerLock.TryTakeAsync(source, Lock, cancellationToken);
        if (turn is null)
            return false;

        var keys = settings.Keys!;
        var refusals = new Dictionary<Guid, CheckpointRefusal>();
        var (anchored, _) = settings.Anchors?.ReadOrganizations(keys) ?? (new SortedDictionary<string, AnchoredTree>(StringComparer.Ordinal), null);
        var listed = new SortedDictionary<string, AnchoredTree>(anchored, StringComparer.Ordinal);
        var present = new HashSet<Guid>();
        foreach (var tree in await directory.ListTreesAsync(cancellationToken))
        {
            present.Add(tree.OrganizationId);
            var (latest, refusal) = await TakeAsync(tree, keys, cancellationToken);
            if (tree.Entries == 0 && latest is not null)
                refusal = CheckpointRefusal.Missing(latest.Size);
            if (refusal is not null)
                refusals.Add(tree.OrganizationId, refusal);
            // A list never takes back what an earlier one said.
            if (latest is not null && (!listed.TryGetValue(tree.OrganizationId.ToString(), out var before) || before.Size < latest.Size))
                listed[tree.OrganizationId.ToString()] = new AnchoredTree(latest.Size, latest.Root);
        }

        if (settings.Anchors is { } anchors)
        {
            foreach (var organization in anchors.ListFiles().Concat(anchored.Keys.Select(Guid.Parse)).Where(organization => !present.Contains(organization)))
                refusals.TryAdd(organization, CheckpointRefusal.Missing(anchored.TryGetValue(organization.ToString(), out var tree) ? tree.Size : 0));
        }

        Report(refusals);
        if (!listed.SequenceEqual(anchored, AnchoredTrees.Same))
            settings.Anchors?.AppendOrganizations(keys, settings.LogOrigin, listed);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!checkpointer.Enabled)
        {
            LogOff();
            return;
        }

        using var timer = new PeriodicTimer(settings.Interval, clock);
        try
        {
            do
            {
                try
                {
                    while (!await RunAsync(stoppingToken))
                        await Task.Delay(PauseWhileAnotherServerHasTheLock, clock, stoppingToken);
                    if (health.Failed(null))
                        LogAgain();
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    if (health.Failed($"The last round of checkpoints failed ({failure.GetType().Name})."))
                        LogFailed(Problems.Summary(failure));
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; what was not signed is signed by the next round of any server.
        }
    }

    /// <returns>The checkpoint of a log that neither grew nor has an anchor file that says less or more; null when there is something to do or to look at.</returns>
    private Checkpoint? IsDone(LoggedTree tree, CheckpointKeys keys)
    {
        if (tree.Note is null || !Checkpoint.TryRead(tree.Note, tree.OrganizationId, out var stored) || stored.Size != tree.Entries || keys.Judge(stored.Note) != NoteStanding.Signed)
            return null;
        if (settings.Anchors is not { } anchors)
            return stored;
        return anchors.FindLast(tree.OrganizationId, keys)?.ToString() == tree.Note ? stored : null;
    }

    private async Task<CheckpointOutcome> TakeAsync(LoggedTree tree, CheckpointKeys keys, CancellationToken cancellationToken)
    {
        try
        {
            if (IsDone(tree, keys) is { } standing)
                return new CheckpointOutcome(standing, null);
            var outcome = await checkpointer.TakeAsync(tree.OrganizationId, cancellationToken);
            if (outcome is { Latest: { } latest, Refusal: null })
                LogTaken(tree.OrganizationId, latest.Size);
            return outcome;
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !Problems.DatabaseIsAway(failure))
        {
            // One organization's trouble is not the others'.
            return new CheckpointOutcome(null, new CheckpointRefusal("failed", $"{Problems.Summary(failure)}; trying again each interval."));
        }
    }

    /// <summary>One line when something begins, another when it ends; none a round.</summary>
    private void Report(Dictionary<Guid, CheckpointRefusal> refusals)
    {
        var before = health.Refusals;
        foreach (var (organization, refusal) in refusals)
        {
            if (before.GetValueOrDefault(organization) != refusal)
                LogRefused(organization, refusal.Kind, refusal.Detail);
        }

        foreach (var (organization, _) in before)
        {
            if (!refusals.ContainsKey(organization))
                LogSignsAgain(organization);
        }

        health.Refusals = refusals;
    }

    [LoggerMessage(1501, LogLevel.Warning, "Checkpoints are off, LEXCUSTIS_CHECKPOINT_KEY_FILE is not set: nobody can tell later whether the end of a log was cut off")]
    private partial void LogOff();

    [LoggerMessage(1502, LogLevel.Debug, "Checkpoint of organization {Organization} at {Size} entries")]
    private partial void LogTaken(Guid organization, long size);

    [LoggerMessage(1503, LogLevel.Error, "No checkpoint is signed or anchored for organization {Organization} ({Kind}): {Detail}")]
    private partial void LogRefused(Guid organization, string kind, string detail);

    [LoggerMessage(1504, LogLevel.Information, "Checkpoints of organization {Organization} are signed and anchored again")]
    private partial void LogSignsAgain(Guid organization);

    [LoggerMessage(1505, LogLevel.Error, "A round of checkpoints failed: {Failure}; trying again each interval")]
    private partial void LogFailed(string failure);

    [LoggerMessage(1506, LogLevel.Information, "Rounds of checkpoints succeed again")]
    private partial void LogAgain();

    private sealed class AnchoredTrees : IEqualityComparer<KeyValuePair<string, AnchoredTree>>
    {
        public static readonly AnchoredTrees Same = new();

        public bool Equals(KeyValuePair<string, AnchoredTree> one, KeyValuePair<string, AnchoredTree> other) =>
            one.Key == other.Key && one.Value.Size == other.Value.Size && one.Value.Root.AsSpan().SequenceEqual(other.Value.Root);

        public int GetHashCode(KeyValuePair<string, AnchoredTree> tree) => tree.Key.GetHashCode(StringComparison.Ordinal);
    }
}

/// <summary>What this server's last round of checkpoints found, for <c>/readyz</c>.</summary>
internal sealed class CheckpointHealth
{
    private volatile IReadOnlyDictionary<Guid, CheckpointRefusal> refusals = new Dictionary<Guid, CheckpointRefusal>();
    private volatile string? failure;

    public IReadOnlyDictionary<Guid, CheckpointRefusal> Refusals
    {
        get => refusals;
        set => refusals = value;
    }

    /// <summary>One line, without the organizations' ids, which anyone could read; null when all is well.</summary>
    public string? Trouble
    {
        get
        {
            if (failure is not null || refusals.Count == 0)
                return failure;
            var kinds = refusals.Values.GroupBy(static refusal => refusal.Kind).Select(static kind => $"{kind.Key}: {kind.Count()}").Order(StringComparer.Ordinal);
            return $"No checkpoint is signed or anchored for {refusals.Count} of the organizations ({string.Join(", ", kinds)}); the server's log names them.";
        }
    }

    /// <param name="why">Null when the round succeeded.</param>
    /// <returns>Whether that is news.</returns>
    public bool Failed(string? why)
    {
        var news = failure != why;
        failure = why;
        return news;
    }
}
