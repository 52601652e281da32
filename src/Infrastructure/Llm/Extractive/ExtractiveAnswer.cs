using System.Text;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Llm.Extractive;

/// <summary>Picks the sentences that answer a question, and puts them into a short answer.</summary>
internal static class ExtractiveAnswer
{
    private const int MaxSentences = 4;
    private const int MaxSources = 2;
    private const int MaxQuotedWords = 90;

    /// <summary>A further sentence is worth quoting from this part of the best one's score.</summary>
    private const double WorthQuoting = 0.6;

    /// <summary>What a question's word counts when only the passage's title or headings have it.</summary>
    private const double HeadingWeight = 0.5;

    /// <param name="sources">The passages, numbered in the answer as [1], [2] … by their place in this list.</param>
    public static string Compose(string question, IReadOnlyList<Passage> sources)
    {
        var language = Words.LanguageOf(question);
        var terms = Words.Stems(question).ToHashSet(StringComparer.Ordinal);
        var quotes = Pick(Rank(terms, sources));
        return quotes.Count == 0 ? NoAnswer(language) : Write(language, quotes, sources);
    }

    /// <summary>Every sentence of the passages, the likeliest answer first; those that answer nothing score 0.</summary>
    private static List<Candidate> Rank(HashSet<string> terms, IReadOnlyList<Passage> sources)
    {
        var passages = sources.Select((source, number) => new
        {
            Number = number,
            source.Score,
            Heading = Stems($"{source.Title} {source.Heading}"),
            Sentences = Sentences.Of(source.Text).ConvertAll(text => (Text: text, Stems: Stems(text))),
        }).ToList();
        var weights = terms.ToDictionary(
            term => term,
            term => Weight(passages.Count, passages.Count(p => p.Heading.Contains(term) || p.Sentences.Exists(s => s.Stems.Contains(term)))),
            StringComparer.Ordinal);
        var needed = Math.Clamp((terms.Count + 1) / 2, Math.Min(terms.Count, 2), 3);
        var topScore = passages.Select(p => p.Score).DefaultIfEmpty().Max();

        var candidates =
            from passage in passages
            let relevance = topScore > 0 ? 0.75 + 0.25 * passage.Score / topScore : 1
            from sentence in passage.Sentences.Index()
            select new Candidate(
                passage.Number, sentence.Index, sentence.Item.Text, sentence.Item.Stems, relevance * Score(sentence.Item.Stems, passage.Heading));
        return [.. candidates.OrderByDescending(c => c.Score).ThenBy(c => c.Source).ThenBy(c => c.Position)];

        double Score(HashSet<string> said, HashSet<string> heading)
        {
            var inText = terms.Where(said.Contains).ToList();
            var inHeading = terms.Where(t => heading.Contains(t) && !said.Contains(t)).ToList();
            if (inText.Count == 0 || inText.Count + inHeading.Count < needed)
                return 0;
            return inText.Sum(t => weights[t]) + HeadingWeight * inHeading.Sum(t => weights[t]);
        }
    }

    /// <summary>The usual inverse document frequency, never below a floor: a word that every passage has is still what was asked about.</summary>
    private static double Weight(int passages, int having) => Math.Max(0.3, Math.Log(1 + (passages - having + 0.5) / (having + 0.5)));

    private static List<Candidate> Pick(List<Candidate> ranked)
    {
        var picked = new List<Candidate>();
        foreach (var candidate in ranked.TakeWhile(c => c.Score > 0 && c.Score >= WorthQuoting * ranked[0].Score))
            Add(candidate);

        // A sentence alone is often cut off from its point, which the next one makes.
        if (picked is [var only] && ranked.Find(c => c.Source == only.Source && c.Position == only.Position + 1) is { } next)
            Add(next);

        // The best source speaks first; within a source, in its own order.
        var order = picked.Select(p => p.Source).Distinct().ToList();
        return [.. picked.OrderBy(p => order.IndexOf(p.Source)).ThenBy(p => p.Position)];

        void Add(Candidate candidate)
        {
            var words = picked.Sum(p => Sentences.CountWords(p.Text)) + Sentences.CountWords(candidate.Text);
            var sources = picked.Select(p => p.Source).Append(candidate.Source).Distinct().Count();
            if (picked.Count < MaxSentences && sources <= MaxSources && words <= MaxQuotedWords && !picked.Exists(p => SaysTheSame(p, candidate)))
                picked.Add(candidate);
        }
    }

    /// <summary>Passages overlap, and documents repeat each other.</summary>
    private static bool SaysTheSame(Candidate a, Candidate b)
    {
        var common = a.Stems.Count(b.Stems.Contains);
        return common > 0.8 * Math.Min(a.Stems.Count, b.Stems.Count);
    }

    private static string Write(Language language, List<Candidate> quotes, IReadOnlyList<Passage> sources)
    {
        var answer = new StringBuilder();
        foreach (var group in quotes.GroupBy(q => q.Source))
        {
            var source = sources[group.Key];
            var name = Name(source);
            var quote = Inner(string.Join(' ', group.Select(q => q.Text)));
            var first = answer.Length == 0;
            answer.Append(first ? "" : "\n\n").Append(language switch
            {
                Language.French => first ? $"Selon {name} : « {quote} »" : $"{name} ajoute : « {quote} »",
                Language.German => first ? $"Laut {name}: „{quote}“" : $"{name} ergänzt: „{quote}“",
                _ => first ? $"According to {name}: “{quote}”" : $"{name} adds: “{quote}”",
            }).Append($" [{group.Key + 1}]");
        }

        return answer.ToString();
    }

    private static string Name(Passage source)
    {
        if (source.Heading.Length == 0 || source.Heading == source.Title)
            return source.Title;
        return source.Heading.StartsWith(source.Title, StringComparison.Ordinal) ? source.Heading : $"{source.Title} › {source.Heading}";
    }

    /// <summary>Quotation marks inside a quotation become single ones.</summary>
    private static string Inner(string text) => text.Replace('“', '‘').Replace('”', '’').Replace('„', '‚').Replace('«', '‹').Replace('»', '›');

    private static string NoAnswer(Language language) => language switch
    {
        Language.French => "Aucun des documents disponibles ne répond à cette question.",
        Language.German => "Keines der verfügbaren Dokumente beantwortet diese Frage.",
        _ => "None of the available documents answers this question.",
    };

    private static HashSet<string> Stems(string text) => Words.Stems(text).ToHashSet(StringComparer.Ordinal);

    private sealed record Candidate(int Source, int Position, string Text, HashSet<string> Stems, double Score);
}
