using System.Buffers;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Finds attempts to take over the model: docs/checks/prompt-injection.md. Word rules, markers of chat templates and tool calls,
/// exfiltrating images, and encoded payloads that are decoded and read again. Never throws, time linear in the text.
/// </summary>
internal static class PromptInjection
{
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

    private static bool ScanWords(ReadOnlySpan<char> text, out int rot13Words, ref FindingList findings)
    {
        var rules = new InjectionRules(text);
        var found = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (Fold.Symbol(text[i]) <= Fold.Skip)
                continue;
            if (rules.Read(i, out var finding))
            {
                findings.Add(finding!);
                found = true;
            }

            i = Fold.WordEnd(text, i);
        }

        rot13Words = rules.Rot13Words;
        return found;
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
