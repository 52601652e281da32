using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>What a word of <c>Lexicons/bias.txt</c> adds; the sections there carry these names. The first nine are groups.</summary>
internal enum BiasWord : byte
{
    None, Sex, EthnicOrigin, Nationality, Religion, Disability, Age, SexualOrientation, SocialOrigin, PoliticalOpinion,
    Slur, Trait, Exclude, All, Counter, Source,
}

/// <summary>
/// Finds sentences that generalize over, demean or exclude a group protected by Article 21 of the Charter: docs/checks/bias.md.
/// A sentence that denies, quotes or sources such a statement is not one.
/// </summary>
internal static class Bias
{
    private const int Reach = 9;

    private static readonly Lexicon Words = Lexicon.Load("checks/bias.txt", name => (int)Enum.Parse<BiasWord>(name));

    private static readonly string[] Grounds =
    [
        "", "sex", "ethnic_origin", "nationality", "religion", "disability", "age", "sexual_orientation", "social_origin", "political_opinion",
    ];

    /// <summary>At most one finding a sentence, from the group to the statement; the shared empty list when there is nothing.</summary>
    public static IReadOnlyList<Finding> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var findings = default(FindingList);
        var sentences = new SentenceCutter(text, clauses: true);
        while (sentences.MoveNext())
        {
            if (InSentence(text, sentences.Start, sentences.End) is { } finding)
                findings.Add(finding);
        }

        return findings.ToSorted();
    }

    private static Finding? InSentence(ReadOnlySpan<char> text, int start, int end)
    {
        var word = 0;
        BiasWord group = BiasWord.None, statement = BiasWord.None;
        (int Word, int Start, int End) who = default, what = default;
        var all = false;
        var excused = false;
        var i = start;
        while (i < end)
        {
            if (Fold.Symbol(text[i]) <= Fold.Skip)
            {
                excused |= text[i] is '"' or '“' or '„' or '«' or '%';
                i++;
                continue;
            }

            word++;
            var found = (BiasWord)Words.Match(text[..end], i, out var wordEnd);
            switch (found)
            {
                case >= BiasWord.Sex and <= BiasWord.PoliticalOpinion:
                    if (group == BiasWord.None || statement == BiasWord.None)
                        (group, who) = (found, (word, i, wordEnd));
                    break;
                case BiasWord.Slur or BiasWord.Trait or BiasWord.Exclude when group != BiasWord.None && statement == BiasWord.None && word - who.Word <= Reach:
                    (statement, what) = (found, (word, i, wordEnd));
                    break;
                case BiasWord.All:
                    all = true;
                    break;
                case BiasWord.Counter or BiasWord.Source:
                    excused = true;
                    break;
            }

            i = found == BiasWord.None ? Fold.WordEnd(text[..end], i) : wordEnd;
        }

        if (group == BiasWord.None || statement == BiasWord.None || excused)
            return null;
        var (pattern, confidence) = statement switch
        {
            BiasWord.Slur => ("dehumanizing", 0.85),
            BiasWord.Exclude => ("exclusion", 0.8),
            _ => all ? ("generalization", 0.8) : ("demeaning", 0.7),
        };
        return new Finding("bias", who.Start, what.End, confidence) { Ground = Grounds[(int)group], Pattern = pattern };
    }
}
