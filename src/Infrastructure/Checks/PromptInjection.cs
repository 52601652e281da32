using System.Buffers;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Finds attempts to take over the model: docs/checks/prompt-injection.md. Word rules, markers of chat templates and tool calls,
/// exfiltrating images, and encoded payloads that are decoded and read again. Never throws, time linear in the text.
/// </summary>
internal static class PromptInjection
{
    private const int FewestWords = 3;

    // Two sentences must be clearer than one: there are as many pairs again that could look alike by chance.
    private const float PairCost = 0.5f;

    // The log-odds from which the classifier isn't sure that a sentence is harmless, though it wouldn't convict it.
    private const float Doubt = -3;

    // In three groups, each alike in itself: a search for all at once takes so much prose for the beginning of one that it costs twice as much.
    private static readonly SearchValues<string>[] Markers =
    [
        SearchValues.Create([.. Marker.All.Where(m => m.Length < 3)], StringComparison.Ordinal),
        SearchValues.Create([.. Marker.All.Where(m => m.Length >= 3 && IsBracket(m[0]))], StringComparison.OrdinalIgnoreCase),
        SearchValues.Create([.. Marker.All.Where(m => m.Length >= 3 && !IsBracket(m[0]))], StringComparison.OrdinalIgnoreCase),
    ];

    /// <summary>Sorted by start, without overlaps; the shared empty list when there is nothing.</summary>
    public static IReadOnlyList<Finding> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var findings = default(FindingList);
        Scan(text, 0, ref findings);
        return findings.ToSorted();
    }

    /// <summary>The same over retrieved passages, each finding naming its passage; offsets are those of the passage's text.</summary>
    public static IReadOnlyList<Finding> FindInSources(IReadOnlyList<Passage> sources)
    {
        List<Finding>? all = null;
        foreach (var passage in sources)
        {
            foreach (var finding in Find(passage.Text))
                (all ??= []).Add(finding with { Source = passage.Id });
        }

        return all ?? FindingList.None;
    }

    /// <summary>One text at one depth of decoding; true when anything was found.</summary>
    internal static bool Scan(ReadOnlySpan<char> text, int depth, ref FindingList findings)
    {
        var features = default(InjectionFeatures);
        var found = ScanWords(text, ref features, ref findings);
        foreach (var markers in Markers)
            found |= ScanMarkers(text, markers, ref findings);
        found |= EncodedPayloads.Scan(text, depth, features, ref findings);
        return found;
    }

    // Sentence by sentence: the classifier weighs it alone and together with the one before, for an attack may be spread over two.
    private static bool ScanWords(ReadOnlySpan<char> text, ref InjectionFeatures features, ref FindingList findings)
    {
        var model = InjectionModel.Current;
        var found = false;
        var before = default(SentenceWeight);
        var beforeStart = 0;
        for (var start = 0; start < text.Length;)
        {
            var next = model.ReadSentence(text, start, ref features, out var weight);
            var alone = weight.Words < FewestWords ? float.NegativeInfinity : model.LogOdds(weight);
            var together = before.Words == 0 || weight.Words == 0 ? float.NegativeInfinity : model.LogOdds(before + weight) - PairCost;
            var plain = IsPlainOverride(model, text, start, next, features.Hits);
            if (plain || MathF.Max(alone, together) >= model.Threshold)
            {
                findings.Add(Report(text, plain || alone >= model.Threshold ? start : beforeStart, next, features.Hits, MathF.Max(alone, together)));
                found = true;
                // What was reported is no evidence against the sentence behind it.
                weight = default;
            }

            (before, beforeStart) = (weight, start);
            start = next;
        }

        return found;
    }

    // The clause is weighed by itself, for what is said behind it makes the order no better.
    private static bool IsPlainOverride(InjectionModel model, ReadOnlySpan<char> text, int start, int end, ReadOnlySpan<InjectionHit> hits)
    {
        var clauseEnd = InjectionRules.PlainOverrideEnd(text, start, end, hits);
        if (clauseEnd == start)
            return false;
        var clause = default(InjectionFeatures);
        model.ReadSentence(text[..clauseEnd], start, ref clause, out var weight);
        return model.LogOdds(weight) >= Doubt;
    }

    // What names its reason is surer than what doesn't, and wins where both see the same place.
    private static Finding Report(ReadOnlySpan<char> text, int start, int end, ReadOnlySpan<InjectionHit> hits, float logOdds)
    {
        var probability = 1 / (1 + Math.Exp(-logOdds));
        if (InjectionRules.Name(hits) is { } named)
            return new Finding(named.Type, named.Start, named.End, Math.Round(Math.Clamp(probability, 0.75, 0.8), 3));
        var (from, to) = Trim(text, start, end);
        return new Finding("suspected_injection", from, to, Math.Round(Math.Clamp(probability, 0.5, 0.7), 3));
    }

    private static (int Start, int End) Trim(ReadOnlySpan<char> text, int start, int end)
    {
        while (start < end && Fold.Symbol(text[start]) <= Fold.Skip && !char.IsSurrogate(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return (start, end);
    }

    private static bool IsBracket(char c) => c is '<' or '[' or '"';

    private static bool ScanMarkers(ReadOnlySpan<char> text, SearchValues<string> markers, ref FindingList findings)
    {
        var found = false;
        var from = 0;
        while (from < text.Length && text[from..].IndexOfAny(markers) is var at && at >= 0)
        {
            var start = from + at;
            var marker = Marker.At(text[start..]);
            from = start + Math.Max(1, marker.Text.Length);
            if (!marker.Applies(text, start, out var end))
                continue;
            findings.Add(new Finding(marker.Type, start, end, marker.Confidence));
            found = true;
            from = Math.Max(from, end);
        }

        return found;
    }
}
