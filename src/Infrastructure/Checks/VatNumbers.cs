using static LexCustis.Infrastructure.Checks.Checksums;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// VAT identification numbers of the member states (structures: European Commission, VIES; check digits: national rules), and of
/// the United Kingdom and Switzerland. The canonical form begins with the country's letters: EL for Greece, CHE for Switzerland.
/// </summary>
internal static class VatNumbers
{
    public const int Shortest = 8;
    public const int Longest = 14;

    public static bool IsValid(ReadOnlySpan<char> s)
    {
        if (s.Length is < Shortest or > Longest)
            return false;
        var n = s[2..];
        return s[..2] switch
        {
            "AT" => n.Length == 9 && n[0] == 'U' && AllDigits(n[1..]) && Austria(n[1..]),
            "BE" => n.Length == 10 && AllDigits(n) && n[0] is '0' or '1' && 97 - (Number(n[..8]) % 97) == Number(n[8..]),
            "BG" => AllDigits(n) && (n.Length == 9 ? BulgariaCompany(n) : n.Length == 10 && BulgariaPerson(n)),
            "CY" => n.Length == 9 && AllDigits(n[..8]) && Cyprus(n),
            "CZ" => AllDigits(n) && Czechia(n),
            "DE" => n.Length == 9 && AllDigits(n) && n[0] != '0' && Mod11Then10(n),
            "DK" => n.Length == 8 && AllDigits(n) && n[0] != '0' && Weighted(n, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0,
            "EE" => n.Length == 9 && AllDigits(n) && Weighted(n, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0,
            "EL" or "GR" => GreeceTax(n),
            "ES" => n.Length == 9 && (NationalNumbers.Spain(n) || SpainCompany(n)),
            "FI" => n.Length == 8 && AllDigits(n) && Weighted(n, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0,
            "FR" => n.Length == 11 && AllDigits(n) && Luhn(n[2..]) && (12 + (3 * (Number(n[2..]) % 97))) % 97 == Number(n[..2]),
            "GB" => n.Length is 9 or 12 && AllDigits(n) && Britain(n),
            "HR" => NationalNumbers.Croatia(n),
            "HU" => n.Length == 8 && AllDigits(n) && Weighted(n, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 == 0,
            "IE" => NationalNumbers.Ireland(n) || IrelandBefore2013(n),
            "IT" => ItalyCompany(n),
            "LT" => n.Length is 9 or 12 && AllDigits(n) && Lithuania(n),
            "LU" => n.Length == 8 && AllDigits(n) && Number(n[..6]) % 89 == Number(n[6..]),
            "LV" => n.Length == 11 && AllDigits(n) && (n[0] > '3' ? Weighted(n, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3 : NationalNumbers.Latvia(n)),
            "MT" => n.Length == 8 && AllDigits(n) && n[0] != '0' && Weighted(n, [3, 4, 6, 7, 8, 9, 10, 1]) % 37 == 0,
            "NL" => n.Length == 12 && AllDigits(n[..9]) && n[9] == 'B' && AllDigits(n[10..])
                && (NationalNumbers.Netherlands(n[..9]) || Mod97(s) == 1),
            "PL" => NationalNumbers.PolandTax(n),
            "PT" => NationalNumbers.Portugal(n),
            "RO" => n.Length <= 10 && AllDigits(n) && n[0] != '0' && Romania(n),
            "SE" => n.Length == 12 && AllDigits(n) && Luhn(n[..10]) && Number(n[10..]) is >= 1 and <= 94,
            "SI" => n.Length == 8 && AllDigits(n) && n[0] != '0' && Slovenia(n),
            "SK" => n.Length == 10 && AllDigits(n) && n[0] != '0' && Number(n) % 11 == 0,
            "CH" => Switzerland(n),
            _ => false,
        };
    }

    /// <summary>GR: AFM, powers of two, modulus 11.</summary>
    public static bool GreeceTax(ReadOnlySpan<char> n)
    {
        if (n.Length != 9 || !AllDigits(n) || !n.ContainsAnyExcept('0'))
            return false;
        var sum = 0;
        for (var i = 0; i < 8; i++)
            sum += (n[i] - '0') << (8 - i);
        return sum % 11 % 10 == n[8] - '0';
    }

    /// <summary>IT: partita IVA, Luhn; the province code (digits 8 to 10) goes to 100, then 120, 121, 888 and 999.</summary>
    public static bool ItalyCompany(ReadOnlySpan<char> n) =>
        n.Length == 11 && AllDigits(n) && n[..7].ContainsAnyExcept('0') && Luhn(n) && Number(n[7..10]) is (>= 1 and <= 100) or 120 or 121 or 888 or 999;

    /// <summary>CY: tax identification code; even places are mapped, the letter is the sum modulo 26.</summary>
    public static bool Cyprus(ReadOnlySpan<char> n)
    {
        if (n.Length != 9 || !AllDigits(n[..8]) || n.StartsWith("12"))
            return false;
        ReadOnlySpan<byte> mapped = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
        var sum = 0;
        for (var i = 0; i < 8; i++)
            sum += i % 2 == 0 ? mapped[n[i] - '0'] : n[i] - '0';
        return 'A' + (sum % 26) == n[8];
    }

    private static bool Austria(ReadOnlySpan<char> n)
    {
        var sum = 4;
        for (var i = 0; i < 7; i++)
        {
            var product = (n[i] - '0') * (i % 2 == 0 ? 1 : 2);
            sum += (product / 10) + (product % 10);
        }

        return (10 - (sum % 10)) % 10 == n[7] - '0';
    }

    private static bool BulgariaCompany(ReadOnlySpan<char> n)
    {
        var check = Weighted(n, [1, 2, 3, 4, 5, 6, 7, 8]) % 11;
        if (check == 10)
            check = Weighted(n, [3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
        return check == n[8] - '0';
    }

    private static bool BulgariaPerson(ReadOnlySpan<char> n) =>
        NationalNumbers.Bulgaria(n)
        || Weighted(n, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == n[9] - '0'
        || (11 - (Weighted(n, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 == n[9] - '0';

    private static bool Czechia(ReadOnlySpan<char> n)
    {
        if (n.Length == 10)
            return NationalNumbers.CzechSlovak(n);
        if (n.Length != 8 || n[0] == '9')
            return false;
        var check = (11 - (Weighted(n, [8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
        return (check == 0 ? 1 : check % 10) == n[7] - '0';
    }

    private static bool Britain(ReadOnlySpan<char> n) =>
        ((int)Number(n[7..9]) + Weighted(n, [8, 7, 6, 5, 4, 3, 2])) % 97 is 0 or 42 && n[..9].ContainsAnyExcept('0');

    // Until 2013 the second character could be a letter, which the check leaves out.
    private static bool IrelandBefore2013(ReadOnlySpan<char> n)
    {
        if (n.Length != 8 || !char.IsAsciiLetterUpper(n[1]) || !AllDigits(n[2..7]) || n[0] < '7' || n[0] > '9')
            return false;
        Span<char> modern = stackalloc char[8];
        modern[0] = '0';
        n[2..7].CopyTo(modern[1..]);
        modern[6] = n[0];
        modern[7] = n[7];
        return NationalNumbers.Ireland(modern);
    }

    private static bool Lithuania(ReadOnlySpan<char> n)
    {
        if (n[^2] != '1')
            return false;
        int first = 0, second = 0;
        for (var i = 0; i < n.Length - 1; i++)
        {
            first += (n[i] - '0') * (1 + (i % 9));
            second += (n[i] - '0') * (1 + ((i + 2) % 9));
        }

        return (first % 11 == 10 ? second % 11 % 10 : first % 11) == n[^1] - '0';
    }

    private static bool Romania(ReadOnlySpan<char> n)
    {
        ReadOnlySpan<byte> weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
        return Weighted(n, weights[(10 - n.Length)..]) * 10 % 11 % 10 == n[^1] - '0';
    }

    private static bool Slovenia(ReadOnlySpan<char> n)
    {
        var check = 11 - (Weighted(n, [8, 7, 6, 5, 4, 3, 2]) % 11);
        return check != 11 && check % 10 == n[7] - '0';
    }

    // Agencia Tributaria: Luhn over the seven digits; some kinds of body get the check as a letter, some either.
    private static bool SpainCompany(ReadOnlySpan<char> n)
    {
        if (n[0] is not ((>= 'A' and <= 'H') or 'J' or (>= 'N' and <= 'S') or 'U' or 'V' or 'W') || n[0] == 'O' || !AllDigits(n[1..8]))
            return false;
        Span<char> digits = stackalloc char[8];
        n[1..8].CopyTo(digits);
        for (var check = 0; check < 10; check++)
        {
            digits[7] = (char)('0' + check);
            if (Luhn(digits))
                return char.IsAsciiDigit(n[8]) ? n[8] == digits[7] && !(n[0] is 'P' or 'Q' or 'R' or 'S' or 'N' or 'W') : "JABCDEFGHI"[check] == n[8];
        }

        return false;
    }

    private static bool Switzerland(ReadOnlySpan<char> n)
    {
        if (n.Length < 10 || n[0] != 'E' || !AllDigits(n[1..10]))
            return false;
        var check = (11 - (Weighted(n[1..], [5, 4, 3, 2, 7, 6, 5, 4]) % 11)) % 11;
        return check < 10 && check == n[9] - '0' && n[10..] is "" or "MWST" or "TVA" or "IVA";
    }
}
