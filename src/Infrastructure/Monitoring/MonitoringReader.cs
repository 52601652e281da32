using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>Makes the figures of a period from the database alone: from the stored sums, and from the entries that no sum has yet.</summary>
internal static class MonitoringReader
{
    /// <param name="transaction">Best a snapshot: several statements read what belongs together.</param>
    /// <param name="fromLogAlone">Reads all entries of the period instead of the stored sums: slower by far, and believes in nothing but the log.</param>
    /// <param name="through">The last sequence to read, for figures that later entries do not change; null for all. Only from the log alone.</param>
    public static async Task<MonitoringReport> ReadAsync(
        TenantTransaction transaction, MonitoringPeriod period, bool fromLogAlone, CancellationToken cancellationToken, long? through = null)
    {
        var both = new MonitoringPeriod(period.Previous.From, period.To);
        var sums = new LogSums();
        var head = through ?? await transaction.ScalarAsync<long>("SELECT coalesce(max(sequence), 0) FROM audit_logs WHERE organization_id = $1", [transaction.OrganizationId], cancellationToken);
        var summed = fromLogAlone ? 0 : await MonitoringStretches.AddAsync(transaction, both, sums, cancellationToken);
        await AddEntriesAsync(transaction, both, summed, head, sums, cancellationToken);
        return Describe(period, head, [.. sums.Days]);
    }

    /// <summary>Adds the entries of these days that follow one sequence, up to another.</summary>
    public static async Task AddEntriesAsync(
        TenantTransaction transaction, MonitoringPeriod? period, long after, long through, LogSums sums, CancellationToken cancellationToken)
    {
        await using var reader = await transaction.ReadAsync("""
            SELECT id, sequence, created_at, event_type, body FROM audit_logs
            WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3 AND event_type = ANY($4)
              AND ($5::timestamptz IS NULL OR created_at >= $5) AND ($6::timestamptz IS NULL OR created_at < $6)
            """,
            [transaction.OrganizationId, after, through, LogSums.EventTypes, Start(period?.From), Start(period?.To.AddDays(1))], cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            sums.Add(reader.GetGuid(0), reader.GetInt64(1), reader.GetTime(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4));

        static DateTime? Start(DateOnly? day) => day?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
    }

    private static MonitoringReport Describe(MonitoringPeriod period, long head, IReadOnlyList<DaySums> sums)
    {
        var current = sums.Where(day => period.Holds(day.Day)).ToDictionary(static day => day.Day);
        var previous = sums.Where(day => period.Previous.Holds(day.Day)).ToList();
        var days = Enumerable.Range(0, period.Days).Select(number => period.From.AddDays(number))
            .Select(day => new MonitoringDay(day, Figures(current.TryGetValue(day, out var found) ? [found] : [])));
        var models = current.Values.SelectMany(static day => day.Models).Where(static sums => sums.Provider.Length > 0)
            .GroupBy(static sums => (sums.Provider, sums.Model))
            .OrderBy(static group => group.Key.Provider, StringComparer.Ordinal).ThenBy(static group => group.Key.Model, StringComparer.Ordinal)
            .Select(static group => new MonitoringProvider(group.Key.Provider, group.Key.Model, Figures(Total(group), [])));
        return new MonitoringReport(
            period.From, period.To, head, Figures([.. current.Values]), [.. days], [.. models],
            new DriftReport(period.Previous.From, period.Previous.To, Drift.Threshold, Drift.Compare(Total(Models(current.Values)), Total(Models(previous)))),
            [.. current.Values.SelectMany(static day => day.Alerts).OrderBy(static alert => alert.Sequence)]);
    }

    private static IEnumerable<TurnSums> Models(IEnumerable<DaySums> days) => days.SelectMany(static day => day.Models);

    private static TurnSums Total(IEnumerable<TurnSums> parts)
    {
        var total = new TurnSums();
        foreach (var part in parts)
            total.Add(part);
        return total;
    }

    private static MonitoringFigures Figures(IReadOnlyCollection<DaySums> days) => Figures(Total(Models(days)), days);

    /// <param name="days">Of which refusals and decisions are counted: they belong to no provider.</param>
    private static MonitoringFigures Figures(TurnSums turns, IReadOnlyCollection<DaySums> days)
    {
        return new MonitoringFigures(
            turns.Turns, new SortedDictionary<string, long>(turns.Outcomes, StringComparer.Ordinal), turns.Flagged,
            new FlagCounts(Flags("pii"), Flags("injection"), Flags("bias"), Flags("low_confidence")), Scores(turns.Confidence), Scores(turns.Grounding),
            new LatencyFigures(Milliseconds(turns.FirstToken), Milliseconds(turns.Duration)), new TokenCounts(turns.PromptTokens, turns.CompletionTokens),
            new RefusalCounts(Refusals("budget"), Refusals("rate_limit"), Refusals("suspended")),
            new DecisionCounts(Decisions("approved"), Decisions("overridden"), Decisions("escalated"), Decisions("dismissed")), days.Sum(static day => day.Unreadable));

        long Flags(string kind) => turns.Flags.GetValueOrDefault(kind);
        long Refusals(string reason) => days.Sum(day => day.Refusals.GetValueOrDefault(reason));
        long Decisions(string kind) => days.Sum(day => day.Decisions.GetValueOrDefault(kind));
    }

    private static ScoreFigures Scores(Tally scores)
    {
        var bins = new long[10];
        foreach (var (value, times) in scores.Values)
            bins[Math.Min(9, value * 10 / LogSums.ScoreScale)] += times;
        return new ScoreFigures(scores.Count, Round(scores.Mean()), Round(scores.Median()), bins);

        static double? Round(double? scaled) => scaled is null ? null : Math.Round(scaled.Value / LogSums.ScoreScale, 4);
    }

    private static MillisecondFigures Milliseconds(Tally times) => new(times.Count, times.Percentile(0.5), times.Percentile(0.95));
}
