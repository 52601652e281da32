using System.Diagnostics.Metrics;

namespace LexCustis.Infrastructure.Turns;

/// <summary>What turns tell a telemetry collector. Without one nobody listens, and a measurement costs nothing.</summary>
internal static class TurnMeter
{
    public const string Name = "LexCustis";

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("lexcustis.turn.duration", "s", "From the turn's beginning to its record.");

    private static readonly Histogram<double> FirstToken = Meter.CreateHistogram<double>("lexcustis.turn.time_to_first_token", "s", "From the turn's beginning to the model's first token.");

    private static readonly Counter<long> Flags = Meter.CreateCounter<long>("lexcustis.turn.flags", "{flag}", "Flags that turns were queued for oversight with.");

    public static void Record(string outcome, string provider, TimeSpan duration, TimeSpan? firstToken, List<string> flags)
    {
        var ended = new KeyValuePair<string, object?>("outcome", outcome);
        var by = new KeyValuePair<string, object?>("gen_ai.provider.name", provider);
        Duration.Record(duration.TotalSeconds, ended, by);
        if (firstToken is { } first)
            FirstToken.Record(first.TotalSeconds, by);
        foreach (var flag in flags)
            Flags.Add(1, new KeyValuePair<string, object?>("flag", flag));
    }
}
