using System.Buffers;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Names what the classifier reported, by the word classes that stand in the sentence. A rule wants an act together with what it is
/// done to ("forget" and "your rules"), never a trigger word alone. One rule also speaks where the classifier hesitates.
/// </summary>
internal static class InjectionRules
{
    // Tried in this order. Each wants one class of every group.
    private static readonly (string Type, InjectionWord[][] Groups)[] Rules =
    [
        ("prompt_extraction", [[InjectionWord.Reveal, InjectionWord.Ask], [InjectionWord.Prompt]]),
        ("prompt_extraction", [[InjectionWord.Reveal], [InjectionWord.You, InjectionWord.Makers], [InjectionWord.Rules, InjectionWord.Secret]]),
        ("instruction_override", [[InjectionWord.Override], [InjectionWord.Rules, InjectionWord.Prompt, InjectionWord.Makers]]),
        ("instruction_override", [[InjectionWord.Void], [InjectionWord.Rules, InjectionWord.Prompt]]),
        ("instruction_override", [[InjectionWord.Obey], [InjectionWord.Only, InjectionWord.Now]]),
        ("data_exfiltration", [[InjectionWord.Send], [InjectionWord.Talk, InjectionWord.Secret, InjectionWord.Reader], [InjectionWord.Carrier, InjectionWord.Address]]),
        ("role_play", [[InjectionWord.Persona]]),
        ("role_play", [[InjectionWord.Pretend, InjectionWord.You, InjectionWord.Model], [InjectionWord.Unbound]]),
    ];

    private const int LongestOpening = 14;

    private static readonly SearchValues<char> AsksOrQuotes = SearchValues.Create("?\"“„«»”");

    // They end the clause that holds the order: what follows says what to do instead, not whose rules are meant.
    private static readonly SearchValues<string> NextClause = SearchValues.Create(
        [",", ";", ":", " - ", " – ", " — ", " and ", " then ", " et ", " puis ", " und ", " dann ", " y ", " luego ", " e ", " poi "],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The plainest attack there is: an order, at the sentence's beginning and unquoted, to forget all earlier rules. What it is done to
    /// names no owner, so that the classifier can't tell it from the rules of a game. Only the clause of the order counts: whoever adds
    /// "and explain my case" has given it all the same.
    /// </summary>
    /// <param name="end">That of the sentence.</param>
    /// <returns>Where that clause ends, or <paramref name="start"/> where there is no such order.</returns>
    public static int PlainOverrideEnd(ReadOnlySpan<char> text, int start, int end, ReadOnlySpan<InjectionHit> hits)
    {
        // "Please ignore" and no more may stand before the act.
        if (hits.Length == 0 || hits[0].Word != InjectionWord.Override || hits[0].Start - start > LongestOpening)
            return start;
        var rules = 0;
        foreach (var hit in hits)
        {
            if (hit.Word == InjectionWord.Rules)
            {
                rules = hit.End;
                break;
            }
        }

        if (rules == 0)
            return start;
        var next = text[rules..end].IndexOfAny(NextClause);
        var clauseEnd = next < 0 ? end : rules + next;
        if (text[start..clauseEnd].ContainsAny(AsksOrQuotes)
            || (hits[0].Start > 0 && text[hits[0].Start - 1] is '\'' or '‘' or '`'))
            return start;
        var scope = false;
        foreach (var hit in hits)
        {
            if (hit.Start >= clauseEnd)
                break;
            if (hit.Word is InjectionWord.Mention or InjectionWord.Mine or InjectionWord.Ask or InjectionWord.Third)
                return start;
            scope |= hit.Word == InjectionWord.Scope;
        }

        return scope ? clauseEnd : start;
    }

    /// <summary>The type of the first rule that fits, and the span of the words that make it; null when none does.</summary>
    public static (string Type, int Start, int End)? Name(ReadOnlySpan<InjectionHit> hits)
    {
        foreach (var (type, groups) in Rules)
        {
            int start = int.MaxValue, end = 0;
            var whole = true;
            foreach (var group in groups)
            {
                whole = false;
                foreach (var hit in hits)
                {
                    if (Array.IndexOf(group, hit.Word) < 0)
                        continue;
                    start = Math.Min(start, hit.Start);
                    end = Math.Max(end, hit.End);
                    whole = true;
                    break;
                }

                if (!whole)
                    break;
            }

            if (whole)
                return (type, start, end);
        }

        return null;
    }
}
