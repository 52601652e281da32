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
        ("role_play", [[InjectionWord.Persona]]),
        ("role_play", [[InjectionWord.Pretend, InjectionWord.You, InjectionWord.Model], [InjectionWord.Unbound]]),
    ];

    private const uint SpeaksOfOthers = 1u << (int)InjectionWord.Mention | 1u << (int)InjectionWord.Mine | 1u << (int)InjectionWord.Ask | 1u << (int)InjectionWord.Third;

    // "Please ignore" and no more may stand before the act.
    private const int LongestOpening = 14;

    /// <summary>
    /// The plainest attack there is: an order, at the sentence's beginning and unquoted, to forget all earlier rules. What it is done to
    /// names no owner, so that the classifier can't tell it from the rules of a game.
    /// </summary>
    public static bool IsPlainOverride(scoped in InjectionFeatures sentence, int start)
    {
        var hits = sentence.Hits;
        if (hits.Length == 0 || hits[0].Word != InjectionWord.Override || hits[0].Start - start > LongestOpening || sentence.AsksOrQuotes || (sentence.Classes & SpeaksOfOthers) != 0)
            return false;
        bool scope = false, rules = false;
        foreach (var hit in hits)
        {
            scope |= hit.Word == InjectionWord.Scope;
            rules |= hit.Word == InjectionWord.Rules;
        }

        return scope && rules;
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
