using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>The figures of a period: GET /api/monitoring, and a dossier's monitoring.json.</summary>
/// <param name="ThroughSequence">The log's last entry when it was read.</param>
/// <param name="Days">Every day of the period.</param>
/// <param name="Providers">By provider and model, in the order of their names.</param>
/// <param name="Alerts">Those written during the period.</param>
internal sealed record MonitoringReport(
    DateOnly From, DateOnly To, long ThroughSequence, MonitoringFigures Totals, IReadOnlyList<MonitoringDay> Days, IReadOnlyList<MonitoringProvider> Providers,
    DriftReport Drift, IReadOnlyList<MonitoringAlert> Alerts);

internal sealed record MonitoringDay(DateOnly Day, MonitoringFigures Figures);

internal sealed record MonitoringProvider(string Provider, string Model, MonitoringFigures Figures);

/// <param name="Outcomes">Those that occurred.</param>
/// <param name="Flagged">Turns with any flag.</param>
/// <param name="Unreadable">Entries whose facts can't be read: rows that somebody changed, which verification names.</param>
internal sealed record MonitoringFigures(
    long Turns, SortedDictionary<string, long> Outcomes, long Flagged, FlagCounts Flags, ScoreFigures Confidence, ScoreFigures Grounding, LatencyFigures Latency,
    TokenCounts Tokens, RefusalCounts Refusals, DecisionCounts Oversight, long Unreadable);

internal sealed record FlagCounts(long Pii, long Injection, long Bias, long LowConfidence);

/// <param name="Count">Turns that had an answer.</param>
/// <param name="Histogram">Ten bins: [0, 0.1), … [0.9, 1].</param>
internal sealed record ScoreFigures(long Count, double? Mean, double? Median, IReadOnlyList<long> Histogram);

internal sealed record LatencyFigures(MillisecondFigures FirstToken, MillisecondFigures Total);

/// <summary>Nearest rank, to three significant digits.</summary>
internal sealed record MillisecondFigures(long Count, [property: JsonPropertyName("p50_ms")] int? P50, [property: JsonPropertyName("p95_ms")] int? P95);

internal sealed record TokenCounts(long Prompt, long Completion);

internal sealed record RefusalCounts(long Budget, long RateLimit, long Suspended);

internal sealed record DecisionCounts(long Approved, long Overridden, long Escalated, long Dismissed);

/// <summary>A <c>monitoring.alerted</c> entry.</summary>
/// <param name="Day">The last day of the week that was compared with the week before.</param>
internal sealed record MonitoringAlert(
    Guid Id, long Sequence, DateTimeOffset At, DateOnly Day, string Kind, [AllowedValues(Drift.ProportionTest, Drift.DistributionTest)] string Statistic,
    double Value, double PValue, double Current, double Previous);

/// <param name="Threshold">A p value below it is called drift.</param>
internal sealed record DriftReport(DateOnly PreviousFrom, DateOnly PreviousTo, double Threshold, IReadOnlyList<DriftTest> Tests);

/// <param name="Value">The statistic; null with too few turns.</param>
/// <param name="Current">A rate, or a median; null without turns.</param>
/// <param name="Result"><c>no_drift</c>, <c>drift</c> or <c>too_few_turns</c>.</param>
internal sealed record DriftTest(
    string Kind, [AllowedValues(Drift.ProportionTest, Drift.DistributionTest)] string Statistic, double? Value, double? PValue, double? Current, double? Previous,
    long Turns, long PreviousTurns, [AllowedValues(Drift.NoDrift, Drift.Drifted, Drift.TooFewTurns)] string Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MonitoringReport))]
[JsonSerializable(typeof(List<DaySums>))]
internal sealed partial class MonitoringJson : JsonSerializerContext;
