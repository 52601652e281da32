using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Documents that only their label tells: no state publishes a check digit of the printed number.</summary>
internal static class Documents
{
    /// <summary>Six to ten letters and digits, at least five of them digits (ICAO 9303 allows nine; prints with a check digit have ten).</summary>
    public static bool TryPassport(ReadOnlySpan<char> text, int start, out int end) => TryCode(text, start, 6, 10, 4, out end);

    /// <summary>Five to eighteen letters and digits, at least four of them digits.</summary>
    public static bool TryDrivingLicence(ReadOnlySpan<char> text, int start, out int end) => TryCode(text, start, 5, 18, 4, out end);

    public static bool TryBic(ReadOnlySpan<char> text, int start, int end)
    {
        if (end - start is not (8 or 11))
            return false;
        foreach (var c in text[start..end])
        {
            if (char.IsAsciiLetterLower(c))
                return false;
        }

        return IsBic(text[start..end]);
    }

    /// <summary>
    /// In small letters a BIC looks like many a word ("decision" is one of Slovenia, "language" one of Ukraine). It is believed right behind its
    /// label, with a colon or equals sign between where it has no digit, and then not behind "swift" alone, which is a word and a language too.
    /// </summary>
    public static bool TrySmallBic(ReadOnlySpan<char> text, int labelEnd, int start, int end)
    {
        const int FarthestBehindLabel = 4;
        if (end - start is not (8 or 11) || start - labelEnd is < 1 or > FarthestBehindLabel)
            return false;
        var label = text[..labelEnd];
        var plain = label.EndsWith("bic", StringComparison.OrdinalIgnoreCase) || label.EndsWith("code", StringComparison.OrdinalIgnoreCase);
        var said = text[start..end].ContainsAnyInRange('0', '9') || (plain && text[labelEnd..start].ContainsAny(':', '='));
        return said && IsBic(text[start..end]);
    }

    private static bool IsBic(ReadOnlySpan<char> value)
    {
        Span<char> canonical = stackalloc char[value.Length];
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(value[i]))
                return false;
            canonical[i] = char.ToUpperInvariant(value[i]);
        }

        return Iban.LooksLikeBic(canonical);
    }

    /// <summary>As forms print it, in groups: bank, country, place and maybe branch ("DEUT DE FF 500").</summary>
    public static bool TryGroupedBic(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        Span<char> canonical = stackalloc char[11];
        var length = 0;
        var i = start;
        foreach (var size in (ReadOnlySpan<int>)[4, 2, 2, 3])
        {
            if (length > 0 && (i >= text.Length || text[i] is not (' ' or '\u00A0')))
                break;
            i += length > 0 ? 1 : 0;
            if (i + size > text.Length || (i + size < text.Length && Fold.Symbol(text[i + size]) > Fold.Skip))
                break;
            var whole = true;
            foreach (var c in text.Slice(i, size))
                whole &= char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c);
            if (!whole)
                break;
            text.Slice(i, size).CopyTo(canonical[length..]);
            length += size;
            i += size;
            end = length >= 8 ? i : end;
        }

        return end > start && Iban.LooksLikeBic(canonical[..length]);
    }

    /// <summary>The fifth and sixth character; between them and the bank stands a blank in the grouped form.</summary>
    public static string BicCountry(ReadOnlySpan<char> text, int start) =>
        text.Slice(char.IsAsciiLetter(text[start + 4]) ? start + 4 : start + 5, 2).ToString().ToUpperInvariant();

    // One to four groups; the code ends before the group that would break its bounds.
    private static bool TryCode(ReadOnlySpan<char> text, int start, int fewest, int most, int fewestDigits, out int end)
    {
        end = start;
        int length = 0, digits = 0, i = start, groups = 0;
        while (i < text.Length && groups < 5)
        {
            int groupLength = 0, groupDigits = 0;
            var lower = false;
            while (i < text.Length && Fold.Symbol(text[i]) is var symbol && symbol != Fold.Break)
            {
                if (symbol != Fold.Skip)
                {
                    groupLength++;
                    groupDigits += Fold.IsDigit(symbol) ? 1 : 0;
                    lower |= char.IsLower(text[i]);
                }

                i++;
            }

            if (groupLength == 0 || length + groupLength > most || (groups > 0 && (lower || groupDigits == 0)))
                break;
            if (lower && groupDigits == 0)
                break;
            length += groupLength;
            digits += groupDigits;
            groups++;
            if (digits >= fewestDigits && length >= fewest)
                end = i;
            if (i < text.Length && text[i] is ' ' or '-' or '.' or '/' or '\u00A0' or '\n')
                i++;
            else
                break;
        }

        return end > start;
    }
}
