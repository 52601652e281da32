using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// One number for how sure the product is of an answer: docs/checks/confidence.md gives the formula and how it was chosen.
/// <c>score = (0.25·retrieval + 0.5·grounding + 0.25·model) · (1 − 0.5·hedging)</c>, where the model's part is
/// e^(mean log-probability) and, when the provider gives none, its weight goes to the other two in proportion.
/// </summary>
internal static class Confidence
{
    private const double RetrievalWeight = 0.25;
    private const double GroundingWeight = 0.5;
    private const double ModelWeight = 0.25;
    private const double HedgingCost = 0.5;

    /// <param name="meanLogProbability">Natural logarithm, mean over the answer's tokens; null when the provider gives none.</param>
    public static ConfidenceReport Score(
        string question, string answer, IReadOnlyList<Passage> sources, GroundingReport grounding, double? meanLogProbability = null)
    {
        ArgumentNullException.ThrowIfNull(grounding);
        var retrieval = Retrieval(question, sources);
        var hedging = Hedging(answer);
        var model = meanLogProbability is { } mean && double.IsFinite(mean) ? Math.Exp(Math.Min(0, mean)) : (double?)null;
        var weights = RetrievalWeight + GroundingWeight + (model is null ? 0 : ModelWeight);
        var base_ = ((RetrievalWeight * retrieval) + (GroundingWeight * grounding.Score) + (ModelWeight * (model ?? 0))) / weights;
        var score = Math.Round(Math.Clamp(base_ * (1 - (HedgingCost * hedging)), 0, 1), 4);
        return new ConfidenceReport(score, Reasons(retrieval, grounding, hedging, model, sources.Count));
    }

    /// <summary>How much of the question's words the sources hold, in [0, 1]: retrieval scores compare within one list only, this compares between turns.</summary>
    internal static double Retrieval(string question, IReadOnlyList<Passage> sources)
    {
        if (sources.Count == 0)
            return 0;
        var index = new SourceIndex(sources);
        var asked = Terms.Of(question, 0, question.Length);
        if (!asked.SaysSomething)
            return 0.5;
        var translated = Glossary.Translate(question);
        // What the glossary does not know stays, and no English source holds it.
        return ReferenceEquals(translated, question)
            ? index.Best(asked).Containment
            : Math.Max(index.Best(asked).Containment, index.Best(Terms.Of(translated, 0, translated.Length)).Containment);
    }

    /// <summary>The share of sentences that hedge.</summary>
    internal static double Hedging(string answer)
    {
        int sentences = 0, hedged = 0;
        var cut = new SentenceCutter(answer, clauses: true);
        while (cut.MoveNext())
        {
            sentences++;
            hedged += Terms.Of(answer, cut.Start, cut.End).Hedges > 0 ? 1 : 0;
        }

        return sentences == 0 ? 0 : (double)hedged / sentences;
    }

    private static List<string> Reasons(double retrieval, GroundingReport grounding, double hedging, double? model, int sources)
    {
        var reasons = new List<string>
        {
            sources == 0 ? "No source was found for the question." : $"Retrieval: the best of {sources} sources holds {retrieval:P0} of the question.",
        };
        var weak = grounding.Sentences.Count(s => s.Score < 0.5);
        var unsupported = grounding.Sentences.Sum(s => s.Unsupported?.Count ?? 0);
        reasons.Add(grounding.Sentences.Count == 0
            ? "Grounding: the answer makes no statement."
            : $"Grounding: {grounding.Score:P0}; {weak} of {grounding.Sentences.Count} sentences are weakly supported.");
        if (grounding.ComparedByMeaning is { } compared)
            reasons.Add($"Grounding: {compared} of {grounding.Sentences.Count} sentences were compared by meaning, too.");
        if (unsupported > 0)
            reasons.Add($"Grounding: {unsupported} numbers or names are in no source.");
        if (hedging > 0)
            reasons.Add($"Hedging: {hedging:P0} of the sentences are phrased with doubt.");
        reasons.Add(model is { } m ? $"Model: its tokens were {m:P0} likely on average." : "Model: the provider gives no token probabilities.");
        return reasons;
    }
}
