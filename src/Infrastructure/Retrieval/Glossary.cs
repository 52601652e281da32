using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>
/// What people ask in German, French, Spanish or Italian, in the English words of the knowledge base: without a model that knows several languages,
/// a question finds only pages that share words with it. It knows terms, not sentences.
/// </summary>
internal static class Glossary
{
    private static readonly List<string> Terms = [];

    private static readonly Lexicon Words = Lexicon.Load("retrieval/glossary.txt", static term =>
    {
        Terms.Add(term);
        return Terms.Count;
    });

    /// <summary>The English words for the terms that stand in the text, parted by blanks; empty for an English text, and where no term stands.</summary>
    public static string InEnglish(string text) => Rewrite(text, others: false);

    /// <summary>The text with its terms in English and all other words as they are; the text itself where it is English or no term stands in it.</summary>
    public static string Translate(string text) => Rewrite(text, others: true) is { Length: > 0 } translated ? translated : text;

    private static string Rewrite(string text, bool others)
    {
        if (LanguageGuess.Of(text).Language == "english")
            return "";
        var written = new StringBuilder();
        var known = false;
        for (var at = 0; at < text.Length;)
        {
            if (Fold.Symbol(text[at]) <= Fold.Skip)
            {
                at++;
                continue;
            }

            var term = Words.Match(text, at, out var end);
            if (term == 0)
                end = Fold.WordEnd(text, at);
            if (term > 0 || others)
                written.Append(written.Length > 0 ? " " : "").Append(term > 0 ? Terms[term - 1] : text.AsSpan(at, end - at));
            known |= term > 0;
            at = end;
        }

        return known ? written.ToString() : "";
    }
}
