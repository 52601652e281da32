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
    public static string InEnglish(string text)
    {
        if (LanguageGuess.Of(text).Language == "english")
            return "";
        var english = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (Fold.Symbol(text[at]) <= Fold.Skip)
            {
                at++;
                continue;
            }

            var term = Words.Match(text, at, out var end);
            if (term > 0)
                english.Append(english.Length > 0 ? " " : "").Append(Terms[term - 1]);
            at = term > 0 ? end : Fold.WordEnd(text, at);
        }

        return english.ToString();
    }
}
