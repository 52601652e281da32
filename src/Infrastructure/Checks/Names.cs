using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Proper nouns behind a word that announces one.</summary>
internal static class Names
{
    private const int LongestWord = 40;

    /// <summary>Up to <paramref name="most"/> capitalized words, with the small words that names hold (de, van, von, der, di, …) between them.</summary>
    public static bool TryProperNoun(ReadOnlySpan<char> text, int index, int most, out int start, out int end)
    {
        (start, end) = (index, index);
        var i = index;
        var words = 0;
        while (words < most)
        {
            var gap = i;
            var limit = Math.Min(text.Length, i + 3);
            // A full stop only behind the announcing word ("Dr. Weiß") or an initial; a comma or line only behind a greeting.
            while (i < limit && (text[i] is ' ' or '\u00A0' or '-' or '\'' or '’' || (words == 0 && text[i] is '.' or ':' or ',' or '\n' or '\r') || (text[i] == '.' && i - start == 1)))
                i++;
            if (i == gap || i >= text.Length)
                break;
            var wordEnd = Fold.WordEnd(text, i);
            if (wordEnd == i || wordEnd - i > LongestWord)
                break;
            if (char.IsUpper(text[i]) && !(wordEnd - i > 1 && char.IsUpper(text[wordEnd - 1]) && words == 0 && wordEnd - i <= 3))
            {
                if (words++ == 0)
                    start = i;
                end = wordEnd;
            }
            else if (words == 0 || !IsParticle(text[i..wordEnd]))
            {
                break;
            }

            i = wordEnd;
        }

        return words > 0;
    }

    private static bool IsParticle(ReadOnlySpan<char> word) => word is "de" or "del" or "della" or "di" or "da" or "do" or "dos" or "du"
        or "van" or "von" or "der" or "den" or "ten" or "ter" or "zu" or "la" or "le" or "el" or "y" or "af" or "av" or "ní" or "mac";
}
