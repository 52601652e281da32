using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>A calendar date in the orders that Europe writes, with the month in digits or as a word of its languages.</summary>
internal static class Dates
{
    private const int MostFillers = 2;

    public static bool TryDate(ReadOnlySpan<char> text, int start, Lexicon words, out int end)
    {
        end = start;
        var i = start;
        if (!TryNumber(text, ref i, out var first, out var firstLength))
            return false;
        if (!TryMonth(text, ref i, words, out var month, out var byName))
            return false;
        if (!TryNumber(text, ref i, out var last, out var lastLength))
            return false;
        end = i;
        if (firstLength == 4)
            return IsYear(first) && month is >= 1 and <= 12 && last is >= 1 and <= 31;
        var year = lastLength == 4 ? IsYear(last) : lastLength == 2;
        return year && firstLength <= 2 && (byName ? first is >= 1 and <= 31 : Checksums.IsDayOfYear(month, first) || Checksums.IsDayOfYear(first, month));
    }

    private static bool IsYear(int year) => year is >= 1850 and <= 2099;

    private static bool TryNumber(ReadOnlySpan<char> text, ref int i, out int value, out int length)
    {
        (value, length) = (0, 0);
        while (i < text.Length && length <= 4)
        {
            var symbol = Fold.Symbol(text[i]);
            if (Fold.IsDigit(symbol))
            {
                value = (value * 10) + symbol - Fold.Digit0;
                length++;
            }
            else if (symbol != Fold.Skip)
            {
                break;
            }

            i++;
        }

        return length is > 0 and <= 4;
    }

    // Separators, and between them a number or a month's name; "1er", "de", "of" and "г" may stand beside it.
    private static bool TryMonth(ReadOnlySpan<char> text, ref int i, Lexicon words, out int month, out bool byName)
    {
        (month, byName) = (0, false);
        for (var fillers = 0; fillers <= MostFillers; fillers++)
        {
            SkipSeparators(text, ref i);
            if (i >= text.Length)
                return false;
            if (Fold.IsDigit(Fold.Symbol(text[i])))
            {
                if (!TryNumber(text, ref i, out month, out var length) || length > 2)
                    return false;
                SkipSeparators(text, ref i);
                return true;
            }

            if ((PersonalWord)words.Match(text, i, out var wordEnd) == PersonalWord.Month)
            {
                byName = true;
                i = wordEnd;
                SkipSeparators(text, ref i);
                if (i < text.Length && !Fold.IsDigit(Fold.Symbol(text[i])) && Fold.WordEnd(text, i) - i is >= 1 and <= 3)
                {
                    i = Fold.WordEnd(text, i);
                    SkipSeparators(text, ref i);
                }

                return true;
            }

            var end = Fold.WordEnd(text, i);
            if (end - i is < 1 or > 3)
                return false;
            i = end;
        }

        return false;
    }

    private static void SkipSeparators(ReadOnlySpan<char> text, ref int i)
    {
        var limit = Math.Min(text.Length, i + 3);
        while (i < limit && text[i] is ' ' or '.' or '-' or '/' or ',' or '\u00A0' or '\n' or '\u2013' or '\'' or '’')
            i++;
    }
}
