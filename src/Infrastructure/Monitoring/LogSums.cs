using System.Text.Json;
using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>The log's figures by day (UTC), summed up from its entries. Knows no SQL and no clock.</summary>
internal sealed class LogSums
{
    /// <summary>The events that are counted: the others need not be read.</summary>
    public static readonly string[] EventTypes =
        ["chat.completed", "chat.refused", "oversight.approved", "oversight.overridden", "oversight.escalated", "oversight.dismissed", "monitoring.alerted"];

    /// <summary>Confidence and grounding are counted in so many parts of 1, which is how finely the log has them.</summary>
    public const int ScoreScale = 10_000;

    private readonly SortedDictionary<DateOnly, DaySums> days = [];

    public IEnumerable<DaySums> Days => days.Values;

    /// <param name="body">The entry's body, UTF-8.</param>
    public void Add(Guid id, long sequence, DateTimeOffset at, string eventType, ReadOnlySpan<byte> body)
    {
        var day = Day(DateOnly.FromDateTime(at.UtcDateTime));
        try
        {
            var facts = EntryFacts.Read(body);
            switch (eventType)
            {
                case "chat.completed":
                    day.Turns(facts.Provider, facts.Model).Add(facts);
                    break;
                case "chat.refused":
                    day.Refusals.AddOne(facts.Reason ?? "unknown");
                    break;
                case "monitoring.alerted":
                    day.Alerts.Add(facts.ToAlert(id, sequence, at));
                    break;
                default:
                    day.Decisions.AddOne(eventType["oversight.".Length..]);
                    break;
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            // Somebody changed the row: verification names it, and here it is counted as what it is.
            day.Unreadable++;
        }
    }

    public void Add(DaySums other) => Day(other.Day).Add(other);

    private DaySums Day(DateOnly day)
    {
        if (!days.TryGetValue(day, out var sums))
            days.Add(day, sums = new DaySums { Day = day });
        return sums;
    }
}

/// <summary>One day's figures.</summary>
internal sealed class DaySums
{
    public required DateOnly Day { get; init; }

    /// <summary>By provider and model.</summary>
    public List<TurnSums> Models { get; init; } = [];

    /// <summary>Turns that did not begin, by reason.</summary>
    public Dictionary<string, long> Refusals { get; init; } = [];

    /// <summary>Reviewers' decisions, by kind.</summary>
    public Dictionary<string, long> Decisions { get; init; } = [];

    public List<MonitoringAlert> Alerts { get; init; } = [];

    /// <summary>Entries whose facts could not be read.</summary>
    public long Unreadable { get; set; }

    /// <summary>A recovered turn knows neither: both are empty then.</summary>
    public TurnSums Turns(string provider, string model)
    {
        var found = Models.Find(sums => sums.Provider == provider && sums.Model == model);
        if (found is null)
            Models.Add(found = new TurnSums { Provider = provider, Model = model });
        return found;
    }

    public void Add(DaySums other)
    {
        foreach (var model in other.Models)
            Turns(model.Provider, model.Model).Add(model);
        Refusals.Add(other.Refusals);
        Decisions.Add(other.Decisions);
        Alerts.AddRange(other.Alerts);
        Unreadable += other.Unreadable;
    }
}

/// <summary>Figures of turns.</summary>
internal sealed class TurnSums
{
    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    public long Turns { get; set; }

    public Dictionary<string, long> Outcomes { get; init; } = [];

    /// <summary>Turns with any flag.</summary>
    public long Flagged { get; set; }

    public Dictionary<string, long> Flags { get; init; } = [];

    /// <summary>Of turns that had an answer, in parts of <see cref="LogSums.ScoreScale"/>.</summary>
    public Tally Confidence { get; init; } = new();

    public Tally Grounding { get; init; } = new();

    /// <summary>Milliseconds, to three significant digits.</summary>
    public Tally FirstToken { get; init; } = new();

    public Tally Duration { get; init; } = new();

    public long PromptTokens { get; set; }

    public long CompletionTokens { get; set; }

    /// <summary>Turns that the product or its provider did not bring to an end.</summary>
    [JsonIgnore]
    public long Unfinished => Outcomes.Where(static pair => pair.Key is "upstream_error" or "upstream_cut" or "timeout" or "shutdown").Sum(static pair => pair.Value);

    public void Add(in EntryFacts facts)
    {
        Turns++;
        Outcomes.AddOne(facts.Outcome ?? "unknown");
        if (facts.Flags is { Count: > 0 } flags)
        {
            Flagged++;
            foreach (var flag in flags)
                Flags.AddOne(flag);
        }

        // Without an answer there is nothing to be sure of.
        if (facts.FirstTokenMs is { } firstToken)
        {
            FirstToken.Add(ThreeDigits(firstToken));
            if (facts.Confidence is { } confidence)
                Confidence.Add(Scale(confidence));
            if (facts.Grounding is { } grounding)
                Grounding.Add(Scale(grounding));
        }

        if (facts.DurationMs is { } duration)
            Duration.Add(ThreeDigits(duration));
        PromptTokens += facts.PromptTokens;
        CompletionTokens += facts.CompletionTokens;
    }

    public void Add(TurnSums other)
    {
        Turns += other.Turns;
        Outcomes.Add(other.Outcomes);
        Flagged += other.Flagged;
        Flags.Add(other.Flags);
        Confidence.Add(other.Confidence);
        Grounding.Add(other.Grounding);
        FirstToken.Add(other.FirstToken);
        Duration.Add(other.Duration);
        PromptTokens += other.PromptTokens;
        CompletionTokens += other.CompletionTokens;
    }

    private static int Scale(double score) => (int)Math.Round(Math.Clamp(score, 0, 1) * LogSums.ScoreScale);

    /// <summary>Half a percent at most is lost, and a million turns need no more than some thousand values.</summary>
    private static int ThreeDigits(long milliseconds)
    {
        var (value, unit) = (Math.Clamp(milliseconds, 0, 1_000_000_000), 1L);
        while (value / unit >= 1000)
            unit *= 10;
        return (int)((value + (unit / 2)) / unit * unit);
    }
}

internal static class Counts
{
    public static void AddOne(this Dictionary<string, long> counts, string name) => counts[name] = counts.GetValueOrDefault(name) + 1;

    public static void Add(this Dictionary<string, long> counts, Dictionary<string, long> others)
    {
        foreach (var (name, count) in others)
            counts[name] = counts.GetValueOrDefault(name) + count;
    }
}
