namespace LexCustis.Infrastructure.Retrieval;

/// <summary>A word as one language's analysis gives it.</summary>
/// <param name="Position">Of the word in the question, the same in every language.</param>
/// <param name="Passages">How many of the organization's passages have it.</param>
internal readonly record struct Lexeme(string Language, string Text, int Position, long Passages);

/// <summary>
/// What to look up for a question whose language nobody told. Each language that the organization's documents are in has analysed it; a word
/// is all the forms that it took on. The question's own language is the one that dropped most of its words as saying nothing, and what it dropped
/// is no word here.
/// </summary>
internal sealed class QuestionWords
{
    /// <summary>Passages that are looked at. Those that hold a question's rarest words are among them; its frequent words only rank.</summary>
    public const int Candidates = 256;

    private const int Most = 32;

    private readonly List<Word> words;

    /// <param name="passages">All that the organization has.</param>
    public QuestionWords(IReadOnlyCollection<Lexeme> lexemes, long passages)
    {
        var own = lexemes.Where(static lexeme => lexeme.Language != "simple").GroupBy(static lexeme => lexeme.Language, StringComparer.Ordinal)
            .MinBy(static language => (language.Select(static lexeme => lexeme.Position).Distinct().Count(), language.Key != "english"))?.Select(static lexeme => lexeme.Position).ToHashSet();
        words = [.. lexemes.Where(lexeme => own is null || own.Contains(lexeme.Position)).GroupBy(static lexeme => lexeme.Position)
            .Select(word => Word.Of([.. word], passages))
            // A word that stands twice is one.
            .DistinctBy(static word => word.Query, StringComparer.Ordinal)
            .OrderBy(static word => word.Passages).ThenBy(static word => word.Query, StringComparer.Ordinal)];
        Weight = words.Sum(static word => word.Weight);
        words = [.. words.Where(static word => word.Passages > 0).Take(Most)];
        Wanted = Choose();
    }

    /// <summary>A tsquery for the passages to look at; null when no passage has any of the words.</summary>
    public string? Wanted { get; }

    /// <summary>A tsquery a word, rarest first.</summary>
    public string[] Queries => [.. words.Select(static word => word.Query)];

    /// <summary>By how much each word tells passages apart (BM25's logarithm).</summary>
    public float[] Weights => [.. words.Select(static word => (float)word.Weight)];

    /// <summary>Of all words together, those too that no passage has: what a passage with all of them would reach.</summary>
    public double Weight { get; }

    /// <summary>What a word is worth that <paramref name="holding"/> of so many passages have.</summary>
    public static double WeightOf(long passages, long holding) => Math.Log(1 + ((Math.Max(passages, holding) - holding + 0.5) / (holding + 0.5)));

    /// <summary>The rarest words that fit together. Where even the rarest is in too many passages, those that also have the next, if any has.</summary>
    private string? Choose()
    {
        if (words.Count == 0)
            return null;
        if (words[0].Passages > Candidates)
            return words.Count > 1 ? $"({words[0].Query}) & ({words[1].Query})" : words[0].Query;
        var (room, chosen) = (Candidates - words[0].Passages, 1);
        while (chosen < words.Count && words[chosen].Passages <= room)
            room -= words[chosen++].Passages;
        return string.Join(" | ", words.Take(chosen).Select(static word => word.Query));
    }

    private sealed record Word(string Query, long Passages, double Weight)
    {
        public static Word Of(IReadOnlyList<Lexeme> forms, long passages)
        {
            var distinct = forms.DistinctBy(static form => form.Text, StringComparer.Ordinal).OrderBy(static form => form.Text, StringComparer.Ordinal).ToList();
            // Forms of one word mostly stand in the same passages' places: their sum is the most that it can be.
            var holding = Math.Min(passages, distinct.Sum(static form => form.Passages));
            var query = string.Join(" | ", distinct.Where(form => holding == 0 || form.Passages > 0).Select(static form => Quote(form.Text)));
            return new Word(query, holding, WeightOf(passages, holding));
        }

        private static string Quote(string lexeme) => $"'{lexeme.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
