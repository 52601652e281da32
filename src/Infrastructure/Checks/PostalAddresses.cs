using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>A street with its house number, and the postcode and town if they follow.</summary>
internal static class PostalAddresses
{
    private const int WordsAround = 5;
    private const int CharactersAround = 60;

    private static readonly string[] StreetEndings =
    [
        "straße", "strasse", "weg", "gasse", "platz", "allee", "damm", "ring", "ufer", "str", "straat", "laan", "plein", "gracht", "singel", "kade", "dreef",
        "gatan", "vägen", "väg", "gata", "torg", "gade", "vej", "allé", "vænge", "katu", "tie", "kuja", "polku", "utca", "tér",
    ];

    /// <summary>The address around a house number, which stands at [number, numberEnd).</summary>
    public static bool TryAround(ReadOnlySpan<char> text, int number, int numberEnd, Lexicon words, out int start, out int end)
    {
        (start, end) = (number, numberEnd);
        var parts = numberEnd + 1 < text.Length && text[numberEnd] is '-' or '.' && char.IsAsciiDigit(text[numberEnd + 1]);
        if (parts || numberEnd - number > 5 || !char.IsAsciiDigit(text[number]) || Digits(text[number..numberEnd]) > 4)
            return false;
        if (!TryStreetBefore(text, number, words, out start) && !TryStreetAfter(text, numberEnd, words, out end))
            return false;
        start = Math.Min(start, number);
        end = TownEnd(text, Math.Max(end, numberEnd));
        return true;
    }

    // "Hauptstraße 12", "rue de la Paix, 3", "calle Mayor 5": walks back over at most five words of one line.
    private static bool TryStreetBefore(ReadOnlySpan<char> text, int number, Lexicon words, out int start)
    {
        start = number;
        var i = number;
        var floor = Math.Max(0, number - CharactersAround);
        for (var count = 0; count < WordsAround; count++)
        {
            var gap = i;
            while (i > floor && text[i - 1] is ' ' or ',' or '.' or '\'' or '’' or '-' or '\u00A0')
                i--;
            if (gap - i > 2 || (count > 0 && gap == i))
                return false;
            var stopped = text[i..gap].Contains('.');
            var wordEnd = i;
            while (i > floor && Fold.Symbol(text[i - 1]) > Fold.Skip)
                i--;
            if (i == wordEnd)
                return false;
            var word = text[i..wordEnd];
            if (count == 0 && char.IsUpper(word[0]) && HasStreetEnding(word))
            {
                start = i;
                return true;
            }

            var known = (PersonalWord)words.Match(text, i, out _);
            if (count > 0 && known is PersonalWord.StreetBefore or PersonalWord.StreetEither && HasCapital(text[wordEnd..number]) && (stopped || wordEnd - i > 2))
            {
                start = i;
                return true;
            }

            // A full stop is that of an abbreviated kind of street, or it ends the sentence before.
            if (stopped && !(count == 0 && known is PersonalWord.StreetAfter or PersonalWord.StreetEither))
                return false;

            if (count == 0 && known is PersonalWord.StreetAfter or PersonalWord.StreetEither && TryNameBefore(text, i, floor, out start))
                return true;
        }

        return false;
    }

    // "12 Baker Street": at most three capitalized words, then the kind of street.
    private static bool TryStreetAfter(ReadOnlySpan<char> text, int numberEnd, Lexicon words, out int end)
    {
        end = numberEnd;
        var i = numberEnd;
        for (var count = 0; count < 5; count++)
        {
            var limit = Math.Min(text.Length, i + 2);
            while (i < limit && text[i] is ' ' or ',' or '\u00A0' or '\'' or '’' or '-')
                i++;
            if (i >= text.Length)
                return false;
            var wordEnd = Fold.WordEnd(text, i);
            if (wordEnd == i || wordEnd - i > 30)
                return false;
            var known = (PersonalWord)words.Match(text, i, out _);
            if (count == 0
                ? known is PersonalWord.StreetBefore or PersonalWord.StreetEither && StreetNameEnd(text, wordEnd) > wordEnd
                : known is PersonalWord.StreetAfter or PersonalWord.StreetEither && char.IsUpper(text[i]))
            {
                end = count == 0 ? StreetNameEnd(text, wordEnd) : wordEnd;
                return true;
            }

            if (!char.IsUpper(text[i]))
                return false;
            i = wordEnd;
        }

        return false;
    }

    // "12 rue de la Paix": the street's name ends with its last capitalized word of the next five.
    private static int StreetNameEnd(ReadOnlySpan<char> text, int index)
    {
        var end = index;
        var i = index;
        for (var count = 0; count < WordsAround; count++)
        {
            if (i < text.Length && text[i] is ' ' or '\u00A0' or '\'' or '’' or '-')
                i++;
            else
                break;
            var wordEnd = Fold.WordEnd(text, i);
            if (wordEnd == i)
                break;
            if (char.IsUpper(text[i]))
                end = wordEnd;
            else if (end > index)
                break;
            i = wordEnd;
        }

        return end;
    }

    // ", 75002 Paris" or ", SW1A 2AA London": a postcode and up to three capitalized words.
    private static int TownEnd(ReadOnlySpan<char> text, int index)
    {
        var i = index;
        var limit = Math.Min(text.Length, i + 3);
        while (i < limit && text[i] is ',' or ' ' or '\n' or '\r' or '-')
            i++;
        var codeEnd = i;
        var digits = 0;
        while (codeEnd < text.Length && codeEnd - i < 9 && (char.IsAsciiDigit(text[codeEnd]) || char.IsAsciiLetterUpper(text[codeEnd]) || text[codeEnd] is '-' or ' '))
            digits += char.IsAsciiDigit(text[codeEnd++]) ? 1 : 0;
        if (digits is >= 2 and <= 7 && i > index)
        {
            // What follows the last digit is the town's first letter already.
            while (codeEnd > i && !char.IsAsciiDigit(text[codeEnd - 1]))
                codeEnd--;
            // Dutch and Maltese codes go on with letters: "1012 AB".
            if (codeEnd + 3 < text.Length && text[codeEnd] == ' ' && char.IsAsciiLetterUpper(text[codeEnd + 1]) && char.IsAsciiLetterUpper(text[codeEnd + 2]) && Fold.Symbol(text[codeEnd + 3]) == Fold.Break)
                codeEnd += 3;
            if (!Names.TryProperNoun(text, codeEnd, 1, out var townStart, out var townEnd))
                return codeEnd;
            // "Bad Homburg", "San Sebastián": these first words are not the whole town.
            return text[townStart..townEnd] is "Bad" or "San" or "Sankt" or "Saint" or "St" or "Den" or "Las" or "Los" or "La" or "Le" or "New" or "Nowy" or "Nová" && Names.TryProperNoun(text, codeEnd, 2, out _, out var longer) ? longer : townEnd;
        }

        return index;
    }

    private static bool TryNameBefore(ReadOnlySpan<char> text, int index, int floor, out int start)
    {
        start = index;
        var i = index;
        if (i <= floor || text[i - 1] != ' ')
            return false;
        i--;
        while (i > floor && Fold.Symbol(text[i - 1]) > Fold.Skip)
            i--;
        start = i;
        return i < index - 1 && char.IsUpper(text[i]);
    }

    private static bool HasStreetEnding(ReadOnlySpan<char> word)
    {
        foreach (var ending in StreetEndings)
        {
            if (word.Length >= ending.Length + 3 && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool HasCapital(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsUpper(c))
                return true;
        }

        return false;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            count += char.IsAsciiDigit(c) ? 1 : 0;
        return count;
    }
}
