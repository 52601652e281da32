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
    private const double WorthQuoting = 0.45;

    /// <summary>The part of a question's words that the passages must know together.</summary>
    private const double LeastKnown = 0.34;

    /// <summary>What a sentence of the weakest passage counts against one of the best.</summary>
    private const double LeastRelevance = 0.2;

    private const double FigureBonus = 1.4;

    /// <summary>What a question's word counts when only the passage's title or headings have it.</summary>
    private const double HeadingWeight = 0.7;

    /// <param name="sources">The passages, numbered in the answer as [1], [2] … by their place in this list.</param>
    public static string Compose(string question, IReadOnlyList<Passage> sources)
    {
        var language = Words.LanguageOf(question);
        var quotes = Pick(Rank(Stems(question), Stems(Glossary.InEnglish(question)), Figures.Asked(question), sources));
        return quotes.Count == 0 ? NoAnswer(language) : Write(language, quotes, sources);
    }

    /// <summary>Every sentence of the passages, the likeliest answer first; those that answer nothing score 0.</summary>
    /// <param name="asked">The question's words.</param>
    /// <param name="translated">Those of them that the glossary knows, in English.</param>
    /// <param name="wantsFigure">A sentence with a number is likelier to answer.</param>
    private static List<Candidate> Rank(HashSet<string> asked, HashSet<string> translated, bool wantsFigure, IReadOnlyList<Passage> sources)
    {
        var terms = asked.Union(translated, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var passages = sources.Select((source, number) => new
        {
            Number = number,
            source.Score,
            Heading = Stems($"{source.Title} {source.Heading}"),
            Sentences = MarkdownSentences.Of(source.Text).ConvertAll(text => (Text: text, Stems: Stems(text))),
        }).ToList();
        var sentences = passages.Sum(p => p.Sentences.Count);
        var weights = terms.ToDictionary(
            term => term,
            term => Weight(sentences, passages.Sum(p => p.Sentences.Count(s => s.Stems.Contains(term)))),
            StringComparer.Ordinal);

        // Words that stand nowhere tell no passage from another, but where most are missing the question is about something else.
        // A document is in one of the two languages.
        var known = terms.Where(t => passages.Exists(p => p.Heading.Contains(t) || p.Sentences.Exists(s => s.Stems.Contains(t)))).ToList();
        var isAbout = known.Count(asked.Contains) >= LeastKnown * asked.Count || (translated.Count > 0 && known.Count(translated.Contains) >= LeastKnown * translated.Count);
        var needed = isAbout ? Math.Clamp((known.Count + 1) / 2, Math.Min(known.Count, 1), 3) : int.MaxValue;
        var topScore = passages.Select(p => p.Score).DefaultIfEmpty().Max();

        var candidates =
            from passage in passages
            let relevance = topScore > 0 ? LeastRelevance + (1 - LeastRelevance) * passage.Score / topScore : 1
            from sentence in passage.Sentences.Index()
            select new Candidate(
                passage.Number, sentence.Index, sentence.Item.Text, sentence.Item.Stems,
                relevance * Score(sentence.Item.Stems, passage.Heading) * (wantsFigure && Figures.In(sentence.Item.Text) ? FigureBonus : 1));
        return [.. candidates.OrderByDescending(c => c.Score).ThenBy(c => c.Source).ThenBy(c => c.Position)];

        double Score(HashSet<string> said, HashSet<string> heading)
        {
            var inText = known.Where(said.Contains).ToList();
            var inHeading = known.Where(t => heading.Contains(t) && !said.Contains(t)).ToList();
            if (inText.Count == 0 || inText.Count + inHeading.Count < needed)
                return 0;
            return inText.Sum(t => weights[t]) + HeadingWeight * inHeading.Sum(t => weights[t]);
        }
    }

    /// <summary>A word that most sentences have tells them apart little, yet is what was asked about.</summary>
    private static double Weight(int sentences, int having) => 1 + Math.Log((sentences + 1.0) / (having + 1));

    private static List<Candidate> Pick(List<Candidate> ranked)
    {
        var picked = new List<Candidate>();
        foreach (var candidate in ranked.TakeWhile(c => c.Score > 0 && c.Score >= WorthQuoting * ranked[0].Score))
            Add(candidate);

        // A sentence alone is often cut off from its point, which the next one makes.
        if (picked is [var best, ..] && !picked.Exists(p => p != best && p.Source == best.Source)
            && ranked.Find(c => c.Source == best.Source && c.Position == best.Position + 1) is { } next)
            Add(next);

        // The best source speaks first; within a source, in its own order.
        var order = picked.Select(p => p.Source).Distinct().ToList();
        return [.. picked.OrderBy(p => order.IndexOf(p.Source)).ThenBy(p => p.Position)];

        void Add(Candidate candidate)
        {
            var words = picked.Sum(p => MarkdownSentences.CountWords(p.Text)) + MarkdownSentences.CountWords(candidate.Text);
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
                Language.Spanish => first ? $"Según {name}: «{quote}»" : $"{name} añade: «{quote}»",
                Language.Italian => first ? $"Secondo {name}: «{quote}»" : $"{name} aggiunge: «{quote}»",
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
        Language.Spanish => "Ninguno de los documentos disponibles responde a esta pregunta.",
        Language.Italian => "Nessuno dei documenti disponibili risponde a questa domanda.",
        _ => "None of the available documents answers this question.",
    };

    private static HashSet<string> Stems(string text) => Words.Stems(text).ToHashSet(StringComparer.Ordinal);

    private sealed record Candidate(int Source, int Position, string Text, HashSet<string> Stems, double Score);
}
