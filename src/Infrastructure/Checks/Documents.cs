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
        if (end - start is not (8 or 11) || !char.IsAsciiLetterUpper(text[start]))
            return false;
        Span<char> canonical = stackalloc char[11];
        for (var i = start; i < end; i++)
        {
            if (!char.IsAsciiLetterUpper(text[i]) && !char.IsAsciiDigit(text[i]))
                return false;
            canonical[i - start] = text[i];
        }

        return Iban.LooksLikeBic(canonical[..(end - start)]);
    }

    public static string BicCountry(ReadOnlySpan<char> text, int start) => text.Slice(start + 4, 2).ToString();

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
