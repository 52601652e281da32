namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Names what the classifier reported, by the word classes that stand in the sentence. A rule wants an act together with what it is
/// done to ("forget" and "your rules"), never a trigger word alone, and convicts nobody by itself.
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
