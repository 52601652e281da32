using System.Buffers;
using LexCustis.Infrastructure.Retrieval;

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

    private static readonly SearchValues<string> Markers = SearchValues.Create(Marker.All, StringComparison.OrdinalIgnoreCase);

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
        var found = ScanWords(text, out var rot13Words, ref findings);
        found |= ScanMarkers(text, ref findings);
        found |= EncodedPayloads.Scan(text, depth, rot13Words, ref findings);
        return found;
    }

    // Sentence by sentence: the classifier weighs it alone and together with the one before (an attack may be spread over two), and
    // what the rules see in it counts only where the classifier doesn't take the sentence for harmless.
    private static bool ScanWords(ReadOnlySpan<char> text, out int rot13Words, ref FindingList findings)
    {
        var model = InjectionModel.Current;
        var rules = new InjectionRules(text);
        var found = false;
        var before = default(SentenceWeight);
        var beforeStart = 0;
        for (var start = 0; start < text.Length;)
        {
            var next = model.ReadSentence(text, start, out var weight);
            var alone = weight.Words < FewestWords ? float.NegativeInfinity : model.LogOdds(weight);
            var together = before.Words == 0 || weight.Words == 0 ? float.NegativeInfinity : model.LogOdds(before + weight);
            var reported = false;
            for (var i = start; i < next; i++)
            {
                if (Fold.Symbol(text[i]) <= Fold.Skip)
                    continue;
                if (rules.Read(i, out var finding) && MathF.Max(alone, together) >= model.WithRule)
                {
                    findings.Add(finding!);
                    reported = true;
                }

                i = Fold.WordEnd(text, i);
            }

            if (!reported && MathF.Max(alone, together - PairCost) >= model.Alone)
            {
                var (from, to) = Trim(text, alone >= model.Alone ? start : beforeStart, next);
                findings.Add(new Finding("suspected_injection", from, to, Suspicion(MathF.Max(alone, together))));
                reported = true;
            }

            found |= reported;
            (before, beforeStart) = (weight, start);
            start = next;
        }

        rot13Words = rules.Rot13Words;
        return found;
    }

    // Never as sure as what names its reason, which so wins where both see the same place.
    private static double Suspicion(float logOdds) => Math.Round(Math.Clamp(1 / (1 + Math.Exp(-logOdds)), 0.5, 0.7), 3);

    private static (int Start, int End) Trim(ReadOnlySpan<char> text, int start, int end)
    {
        while (start < end && Fold.Symbol(text[start]) <= Fold.Skip && !char.IsSurrogate(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return (start, end);
    }

    private static bool ScanMarkers(ReadOnlySpan<char> text, ref FindingList findings)
    {
        var found = false;
        var from = 0;
        while (from < text.Length && text[from..].IndexOfAny(Markers) is var at && at >= 0)
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
