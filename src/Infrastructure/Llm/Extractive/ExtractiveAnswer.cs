using System.Text;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Llm.Extractive;

/// <summary>Picks the sentences that answer a question, and puts them into a short answer.</summary>
internal static class ExtractiveAnswer
{
    private const int MaxSentences = 4;
    private const int MaxQuotedWords = 90;

    /// <summary>A further sentence is worth quoting from this part of the best one's score.</summary>
    private const double WorthQuoting = 0.5;

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

    private static List<Candidate> Rank(HashSet<string> terms, IReadOnlyList<Passage> sources)
    {
        var passages = sources.Select(s => (Heading: Stems($"{s.Title} {s.Heading}"), Sentences: Sentences.Of(s.Text).ConvertAll(t => (Text: t, Stems: Stems(t))))).ToList();
        var weights = terms.ToDictionary(t => t, t => Weight(passages.Count, passages.Count(p => p.Heading.Contains(t) || p.Sentences.Exists(s => s.Stems.Contains(t)))), StringComparer.Ordinal);
        var needed = Math.Max(1, (terms.Count + 2) / 3);

        var candidates = new List<Candidate>();
        for (var source = 0; source < passages.Count; source++)
        {
            var (heading, sentences) = passages[source];
            var topScore = sources.Max(s => s.Score);
            var relevance = topScore > 0 ? 0.75 + 0.25 * sources[source].Score / topScore : 1;
            for (var position = 0; position < sentences.Count; position++)
            {
                var (text, stems) = sentences[position];
                var said = terms.Where(stems.Contains).ToList();
                var titled = terms.Where(t => heading.Contains(t) && !stems.Contains(t)).ToList();
                if (said.Count == 0 || said.Count + titled.Count < needed)
                    continue;
                var score = relevance * (said.Sum(t => weights[t]) + HeadingWeight * titled.Sum(t => weights[t]));
                candidates.Add(new Candidate(source, position, text, stems, score));
            }
        }

        return [.. candidates.OrderByDescending(c => c.Score).ThenBy(c => c.Source).ThenBy(c => c.Position)];
    }

    /// <summary>The usual inverse document frequency, never below a floor: a word that every passage has is still what was asked about.</summary>
    private static double Weight(int passages, int having) => Math.Max(0.3, Math.Log(1 + (passages - having + 0.5) / (having + 0.5)));

    private static List<Candidate> Pick(List<Candidate> ranked)
    {
        var picked = new List<Candidate>();
        var words = 0;
        foreach (var candidate in ranked)
        {
            if (picked.Count == MaxSentences || candidate.Score < WorthQuoting * ranked[0].Score)
                break;
            var length = Sentences.CountWords(candidate.Text);
            if (words + length > MaxQuotedWords || picked.Exists(p => SaysTheSame(p, candidate)))
                continue;
            picked.Add(candidate);
            words += length;
        }

        // The best source speaks first; within a source, in its own order.
        var order = picked.Select(p => p.Source).Distinct().ToList();
        return [.. picked.OrderBy(p => order.IndexOf(p.Source)).ThenBy(p => p.Position)];
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
