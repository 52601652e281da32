using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Measures, sentence by sentence, how far an answer stands on its sources: docs/checks/grounding.md gives the formula. Words
/// are compared by their folded beginnings, so that cases and plurals agree; rare words weigh more than frequent ones.
/// </summary>
internal static class Grounding
{
    // A sentence needs so much of its weight in the passage to name it as support at all.
    private const double LeastSupport = 0.15;

    // Set by judgement: no trained model may be shipped to measure it with.
    private const double LeastCosine = 0.6;
    private const double NumberPenalty = 0.6;
    private const double NamePenalty = 0.35;
    private const double NegationPenalty = 0.4;
    private const double EmbeddingShare = 0.4;

    /// <summary>
    /// The sentences of an answer that state something, in order, by UTF-16 offsets: what
    /// <see cref="Assess(string, IReadOnlyList{Passage}, Nullable{double}[][])"/> scores, and what a caller that has embeddings embeds.
    /// </summary>
    public static List<(int Start, int End)> Statements(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var statements = new List<(int, int)>();
        var cut = new SentenceCutter(answer, clauses: true);
        while (cut.MoveNext())
        {
            if (Terms.Of(answer, cut.Start, cut.End).SaysSomething)
                statements.Add((cut.Start, cut.End));
        }

        return statements;
    }

    /// <param name="cosines">
    /// Of the embeddings of each of the <see cref="Statements"/> (rows) and each source (columns). A row is null where the statement has no
    /// embedding, a number where the source has none, and the whole where there are none at all: there words alone decide.
    /// </param>
    /// <exception cref="ArgumentException">The cosines are not those of this answer and these sources.</exception>
    public static GroundingReport Assess(string answer, IReadOnlyList<Passage> sources, double?[]?[]? cosines = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var statements = Statements(answer);
        if (cosines is not null
            && (cosines.Length != statements.Count || Array.Exists(cosines, row => row is not null && row.Length != sources.Count)))
        {
            throw new ArgumentException($"Cosines of {statements.Count} statements and {sources.Count} sources are wanted.", nameof(cosines));
        }

        var index = new SourceIndex(sources);
        var sentences = new List<GroundedSentence>(statements.Count);
        double total = 0, weight = 0;
        for (var i = 0; i < statements.Count; i++)
        {
            var (start, end) = statements[i];
            var sentence = Assess(start, end, Terms.Of(answer, start, end), index, cosines?[i]);
            sentences.Add(sentence);
            total += sentence.Score * (end - start);
            weight += end - start;
        }

        var compared = cosines?.Count(static row => row is not null) ?? 0;
        return new GroundingReport(weight > 0 ? Math.Round(total / weight, 4) : 1, sentences)
        {
            ComparedByMeaning = compared > 0 ? compared : null,
        };
    }

    private static GroundedSentence Assess(int start, int end, Terms terms, SourceIndex index, double?[]? cosines)
    {
        var best = index.Best(terms, cosines, EmbeddingShare);
        var score = best.Score;
        List<Finding>? unsupported = null;
        int numbers = 0, names = 0;
        // Both lists are in the order of the text and no term is in both, so that merging them needs no sorting.
        for (int n = 0, m = 0; n < terms.Numbers.Count || m < terms.Names.Count;)
        {
            if (m == terms.Names.Count || (n < terms.Numbers.Count && terms.Numbers[n].Start < terms.Names[m].Start))
            {
                var number = terms.Numbers[n++];
                if (index.HasNumber(number.Key))
                    continue;
                numbers++;
                (unsupported ??= []).Add(new Finding("unsupported_number", number.Start, number.End, 0.9));
            }
            else
            {
                var name = terms.Names[m++];
                if (index.Has(name.Key))
                    continue;
                names++;
                (unsupported ??= []).Add(new Finding("unsupported_name", name.Start, name.End, 0.7));
            }
        }

        if (numbers > 0)
            score *= 1 - (NumberPenalty * numbers / terms.Numbers.Count);
        if (names > 0)
            score *= 1 - (NamePenalty * names / terms.Names.Count);
        if (best.Containment > 0.4 && terms.Negations % 2 != best.Negations % 2)
            score *= NegationPenalty;
        var cosine = best.Passage < 0 ? null : cosines?[best.Passage];
        var supported = best.Containment >= LeastSupport || cosine >= LeastCosine;
        return new GroundedSentence(start, end, Math.Round(Math.Clamp(score, 0, 1), 4), supported ? index.Id(best.Passage) : null)
        {
            Cosine = cosine is { } compared ? Math.Round(compared, 4) : null,
            Unsupported = unsupported,
        };
    }
}
