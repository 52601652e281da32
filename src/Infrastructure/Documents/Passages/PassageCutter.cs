using LexCustis.Infrastructure.Documents.Extraction;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Documents.Passages;

/// <summary>
/// Cuts a text into passages of about <see cref="Target"/> tokens. They end where a sentence ends, never reach over a heading, and begin again with
/// the last sentence or two of the one before, so that what spans a border is whole in one of them. Every word is in a passage, or in a heading above one.
/// </summary>
internal static class PassageCutter
{
    /// <summary>Tokens of a full passage, by <see cref="TokenEstimate"/>.</summary>
    public const int Target = 400;

    /// <summary>Tokens that a passage may repeat of the one before.</summary>
    public const int Overlap = 80;

    private const int OverlappingSentences = 2;

    /// <summary>Tokens of one sentence; a longer one is a table, or none at all, and is cut at a blank.</summary>
    private const int LongestSentence = 200;

    /// <summary>Characters in which a blank must come; a longer word is cut as it is.</summary>
    private const int LongestPiece = 1_200;

    private const int DeepestPath = 6;

    /// <exception cref="UnreadableDocumentException">More passages than the limit.</exception>
    public static List<CutPassage> Cut(ExtractedText text, int maxPassages)
    {
        var passages = new List<CutPassage>();
        var guess = LanguageGuess.Of(text.Text);
        var path = new List<(int Level, string Title)>();
        var start = 0;
        for (var next = 0; next <= text.Headings.Count; next++)
        {
            var end = next < text.Headings.Count ? text.Headings[next].Start : text.Text.Length;
            AddSection(text, start, end, string.Join(" › ", path.Select(static heading => heading.Title)), guess, passages, maxPassages);
            if (next == text.Headings.Count)
                break;

            var heading = text.Headings[next];
            path.RemoveAll(above => above.Level >= heading.Level);
            if (HasNothingBelow(text, next))
                AddSection(text, heading.Start, heading.End, string.Join(" › ", path.Select(static above => above.Title)), guess, passages, maxPassages);
            if (path.Count < DeepestPath)
                path.Add((heading.Level, text.Text[heading.Start..heading.End]));
            start = heading.End;
        }

        return passages;
    }

    /// <summary>No text and no lower heading follows: nothing else would hold its words.</summary>
    private static bool HasNothingBelow(ExtractedText text, int index)
    {
        var (heading, last) = (text.Headings[index], index + 1 == text.Headings.Count);
        var end = last ? text.Text.Length : text.Headings[index + 1].Start;
        return text.Text.AsSpan(heading.End, end - heading.End).IsWhiteSpace() && (last || text.Headings[index + 1].Level <= heading.Level);
    }

    private static void AddSection(ExtractedText text, int start, int end, string heading, LanguageGuess guess, List<CutPassage> passages, int maxPassages)
    {
        var sentences = Sentences(text.Text, start, end);
        for (var first = 0; first < sentences.Count;)
        {
            var (next, tokens) = (first, 0);
            while (next < sentences.Count && (next == first || tokens + sentences[next].Tokens <= Target))
                tokens += sentences[next++].Tokens;

            if (passages.Count == maxPassages)
                throw new UnreadableDocumentException(Unreadable.TooComplex($"It falls into more than {maxPassages} passages."));
            var (from, to) = (sentences[first].Start, sentences[next - 1].End);
            var content = text.Text[from..to];
            passages.Add(new CutPassage(passages.Count, heading, text.PageOf(from), from, to, content, guess.For(content)));
            if (next == sentences.Count)
                return;
            first = StepBack(sentences, first, next);
        }
    }

    /// <summary>Where the next passage begins: a sentence or two before its own first one, but always after the beginning of this one.</summary>
    private static int StepBack(List<Sentence> sentences, int first, int next)
    {
        var (begin, repeated) = (next, 0);
        while (begin - 1 > first && next - begin < OverlappingSentences && repeated + sentences[begin - 1].Tokens <= Overlap
               && repeated + sentences[begin - 1].Tokens + sentences[next].Tokens <= Target)
        {
            repeated += sentences[--begin].Tokens;
        }

        return begin;
    }

    /// <summary>
    /// Spans without blanks around them, which together hold everything else. A sentence ends at a mark and a blank, or at an empty line. That "Art. 50"
    /// is cut in two here costs nothing: a border is only a place where a passage may end.
    /// </summary>
    private static List<Sentence> Sentences(string text, int start, int end)
    {
        var sentences = new List<Sentence>();
        for (var at = start; at < end;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var stop = at + 1;
            while (stop < end && !EndsBefore(text, stop, end))
                stop++;
            AddPieces(text, at, stop, sentences);
            at = stop;
        }

        return sentences;
    }

    private static bool EndsBefore(string text, int at, int end)
    {
        if (text[at] == '\n')
            return at + 1 < end && text[at + 1] is '\n' or '-' or '|';
        if (text[at - 1] is '。' or '！' or '？')
            return true;
        if (!char.IsWhiteSpace(text[at]))
            return false;
        var mark = at - 1;
        while (mark > 0 && text[mark] is '"' or '\'' or ')' or ']' or '”' or '’' or '»' or '“')
            mark--;
        return text[mark] is '.' or '!' or '?' or '…';
    }

    private static void AddPieces(string text, int start, int end, List<Sentence> sentences)
    {
        for (var at = start; at < end;)
        {
            var stop = end;
            var tokens = end - at <= LongestPiece ? TokenEstimate.Of(text.AsSpan(at, end - at)) : int.MaxValue;
            if (tokens > LongestSentence)
            {
                stop = CutAtBlank(text, at, end);
                tokens = TokenEstimate.Of(text.AsSpan(at, stop - at));
            }

            var last = stop;
            while (char.IsWhiteSpace(text[last - 1]))
                last--;
            sentences.Add(new Sentence(at, last, tokens));
            for (at = stop; at < end && char.IsWhiteSpace(text[at]);)
                at++;
        }
    }

    /// <summary>Behind the last whole word that fits; behind the last character that fits, where one word does not.</summary>
    private static int CutAtBlank(string text, int start, int end)
    {
        var limit = Math.Min(end, start + LongestPiece);
        while (TokenEstimate.Of(text.AsSpan(start, limit - start)) > LongestSentence)
            limit = start + ((limit - start) * 3 / 4);
        if (limit == end)
            return end;
        var blank = text.AsSpan(start, limit - start).LastIndexOfAny(' ', '\n');
        if (blank > 0)
            return start + blank;
        return char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit;
    }

    private sealed record Sentence(int Start, int End, int Tokens);
}
