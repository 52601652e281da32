namespace LexCustis.Infrastructure.Documents.Passages;

/// <summary>
/// About how many tokens a text is to a multilingual model, without having one: one for each begun six letters of a word, one for each two
/// characters of a script without blanks between words, one for any other mark. It decides where passages end, where nothing depends on a few tokens.
/// </summary>
internal static class TokenEstimate
{
    private const int LettersPerToken = 6;

    public static int Of(ReadOnlySpan<char> text)
    {
        var (tokens, letters, ideographs) = (0, 0, 0);
        foreach (var character in text)
        {
            if (IsIdeographic(character))
                ideographs++;
            else if (char.IsLetterOrDigit(character) || char.IsSurrogate(character))
            {
                if (letters++ % LettersPerToken == 0)
                    tokens++;
                continue;
            }
            else if (!char.IsWhiteSpace(character))
                tokens++;

            letters = 0;
        }

        return tokens + ((ideographs + 1) / 2);
    }

    /// <summary>From the radicals to the ideographs and syllables (Han, kana, Hangul), and Thai, Lao, Tibetan, Burmese, Khmer.</summary>
    private static bool IsIdeographic(char character) =>
        character is (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uD7AF') or (>= '\uF900' and <= '\uFAFF') or (>= '\u0E00' and <= '\u109F') or (>= '\u1780' and <= '\u17FF');
}
