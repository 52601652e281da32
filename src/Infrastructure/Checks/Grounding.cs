using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Measures, sentence by sentence, how far an answer stands on its sources: docs/checks/grounding.md gives the formula. Words
/// are compared by their folded beginnings, so that cases and plurals agree; rare words weigh more than frequent ones.
/// </summary>
internal static class Grounding
{
    // A sentence needs so much of its weight in the passage to name it as support at all.
    private const double LeastSupport = 0.15;
    private const double NumberPenalty = 0.6;
    private const double NamePenalty = 0.35;
    private const double NegationPenalty = 0.4;
    private const double EmbeddingShare = 0.4;

    /// <param name="similarity">Cosine of the embeddings of a sentence (start and end in the answer) and a source by index; null where none are loaded.</param>
    public static GroundingReport Assess(string answer, IReadOnlyList<Passage> sources, Func<int, int, int, double>? similarity = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(sources);
        var index = new SourceIndex(sources);
        var sentences = new List<GroundedSentence>();
        double total = 0, weight = 0;
        var cut = new Sentences(answer);
        while (cut.MoveNext())
        {
            var terms = Terms.Of(answer, cut.Start, cut.End);
            if (terms.Content.Count == 0 && terms.Numbers.Count == 0)
                continue;
            var sentence = Assess(answer, cut.Start, cut.End, terms, index, similarity);
            sentences.Add(sentence);
            total += sentence.Score * (cut.End - cut.Start);
            weight += cut.End - cut.Start;
        }

        return new GroundingReport(weight > 0 ? Math.Round(total / weight, 4) : 1, sentences);
    }

    private static GroundedSentence Assess(
        string answer, int start, int end, Terms terms, SourceIndex index, Func<int, int, int, double>? similarity)
    {
        var best = index.Best(terms);
        var score = best.Containment;
        if (similarity is not null && best.Passage >= 0)
            score = ((1 - EmbeddingShare) * score) + (EmbeddingShare * Math.Clamp(similarity(start, end, best.Passage), 0, 1));
        List<Finding>? unsupported = null;
        int numbers = 0, names = 0;
        foreach (var number in terms.Numbers)
        {
            if (index.HasNumber(number.Key))
                continue;
            numbers++;
            (unsupported ??= []).Add(new Finding("unsupported_number", number.Start, number.End, 0.9));
        }

        foreach (var name in terms.Names)
        {
            if (index.Has(name.Key))
                continue;
            names++;
            (unsupported ??= []).Add(new Finding("unsupported_name", name.Start, name.End, 0.7));
        }

        if (numbers > 0)
            score *= 1 - (NumberPenalty * numbers / terms.Numbers.Count);
        if (names > 0)
            score *= 1 - (NamePenalty * names / terms.Names.Count);
        if (best.Containment > 0.4 && terms.Negations % 2 != best.Negations % 2)
            score *= NegationPenalty;
        unsupported?.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var source = best.Containment >= LeastSupport ? index.Id(best.Passage) : null;
        return new GroundedSentence(start, end, Math.Round(Math.Clamp(score, 0, 1), 4), source) { Unsupported = unsupported };
    }
}
