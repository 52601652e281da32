using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>The sources of one answer, by the terms of their sentences, so that an answer sentence is compared only where it shares a term.</summary>
internal sealed class SourceIndex
{
    // A term in more sentences than this tells nothing about where a statement comes from, and following it would not be linear.
    private const int MostPostings = 64;

    private readonly IReadOnlyList<Passage> _sources;
    private readonly Dictionary<ulong, List<int>> _postings = [];
    private readonly HashSet<ulong> _numbers = [];
    private readonly List<(int Passage, int Negations)> _sentences = [];
    private readonly Dictionary<ulong, int> _seenIn = [];

    public SourceIndex(IReadOnlyList<Passage> sources)
    {
        _sources = sources;
        for (var p = 0; p < sources.Count; p++)
        {
            Add(p, sources[p].Text);
            // Titles and headings support names and words, too: "Article 50 › Transparency".
            Add(p, sources[p].Title + ". " + sources[p].Heading);
        }
    }

    public string Id(int passage) => _sources[passage].Id;

    public bool HasNumber(ulong key) => _numbers.Contains(key);

    public bool Has(ulong key) => _postings.ContainsKey(key);

    /// <summary>The passage that supports the terms best, what part of their weight it contains, and the negations of its closest sentence.</summary>
    /// <param name="cosines">Of the embeddings of the sentence and each passage; null where there are none, or none of a passage.</param>
    /// <param name="share">The part of the score that a cosine has, in [0, 1], where it is more than what the words give.</param>
    public (int Passage, double Score, double Containment, int Negations) Best(Terms terms, double?[]? cosines = null, double share = 0)
    {
        var byPassage = new double[_sources.Count];
        var bySentence = new Dictionary<int, double>();
        double total = 0;
        var counted = new HashSet<ulong>();
        foreach (var list in (ReadOnlySpan<List<Term>>)[terms.Content, terms.Numbers])
        {
            foreach (var term in list)
            {
                if (!counted.Add(term.Key))
                    continue;
                var weight = Weight(term.Key);
                total += weight;
                if (!_postings.TryGetValue(term.Key, out var sentences))
                    continue;
                var last = -1;
                foreach (var sentence in sentences)
                {
                    var passage = _sentences[sentence].Passage;
                    if (passage != last)
                        byPassage[passage] += weight;
                    last = passage;
                    bySentence[sentence] = bySentence.GetValueOrDefault(sentence) + weight;
                }
            }
        }

        if (total <= 0 || byPassage.Length == 0)
            return (-1, 0, 0, 0);
        int best = -1, closest = -1;
        double bestScore = 0, containment = 0;
        foreach (var (sentence, sum) in bySentence)
        {
            // Close together in one sentence is better support than scattered over the passage.
            var passage = _sentences[sentence].Passage;
            var held = ((0.5 * byPassage[passage]) + (0.5 * sum)) / total;
            var score = Score(passage, held);
            if (score > bestScore || (score.Equals(bestScore) && sentence < closest))
                (best, closest, bestScore, containment) = (passage, sentence, score, held);
        }

        // By its meaning alone, a passage can support a sentence that it shares no word with.
        for (var passage = 0; cosines is not null && passage < cosines.Length; passage++)
        {
            if (Score(passage, 0) is var score && score > bestScore)
                (best, closest, bestScore, containment) = (passage, -1, score, 0);
        }

        return (best, bestScore, containment, closest < 0 ? 0 : _sentences[closest].Negations);

        double Score(int passage, double held) =>
            cosines?[passage] is { } cosine && cosine > held ? ((1 - share) * held) + (share * Math.Min(cosine, 1)) : held;
    }

    private double Weight(ulong key) => 1 / (1 + Math.Log(1 + _seenIn.GetValueOrDefault(key)));

    private void Add(int passage, string text)
    {
        var cut = new SentenceCutter(text, clauses: true);
        while (cut.MoveNext())
        {
            var terms = Terms.Of(text, cut.Start, cut.End);
            var sentence = _sentences.Count;
            _sentences.Add((passage, terms.Negations));
            foreach (var term in terms.Content)
                Post(term.Key, sentence);
            foreach (var number in terms.Numbers)
            {
                _numbers.Add(number.Key);
                Post(number.Key, sentence);
            }
        }
    }

    private void Post(ulong key, int sentence)
    {
        if (!_postings.TryGetValue(key, out var list))
            _postings[key] = list = [];
        if (list.Count > 0 && list[^1] == sentence)
            return;
        _seenIn[key] = _seenIn.GetValueOrDefault(key) + 1;
        if (list.Count < MostPostings)
            list.Add(sentence);
    }
}
