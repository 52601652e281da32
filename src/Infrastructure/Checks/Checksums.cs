namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// The arithmetic behind check digits. Every method takes the canonical form (upper-case ASCII letters and digits, no
/// separators); where a method says so, the length and alphabet were checked by the caller.
/// </summary>
internal static class Checksums
{
    /// <summary>ISO/IEC 7812-1 annex B: payment cards, IMEI, SIREN, partita IVA, personnummer.</summary>
    public static bool Luhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var d = digits[^(i + 1)] - '0';
            if (i % 2 == 1)
                d = d > 4 ? (d * 2) - 9 : d * 2;
            sum += d;
        }

        return sum % 10 == 0;
    }

    /// <summary>ISO/IEC 7064 MOD 11,10: German tax identification and VAT numbers, Croatian OIB.</summary>
    public static bool Mod11Then10(ReadOnlySpan<char> digits)
    {
        var product = 10;
        foreach (var c in digits[..^1])
        {
            var sum = (c - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == digits[^1] - '0';
    }

    /// <summary>ISO/IEC 7064 MOD 97-10 over letters as 10 to 35, without moving anything: 1 when right.</summary>
    public static int Mod97(ReadOnlySpan<char> characters, int start = 0)
    {
        var rest = start;
        foreach (var c in characters)
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        return rest;
    }

    /// <summary>Σ digit · weight over as many digits as there are weights.</summary>
    public static int Weighted(ReadOnlySpan<char> digits, ReadOnlySpan<byte> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
            sum += (digits[i] - '0') * weights[i];
        return sum;
    }

    /// <summary>Verhoeff's code over the dihedral group D5: the second check digit of the Luxembourg number.</summary>
    public static bool Verhoeff(ReadOnlySpan<char> digits)
    {
        var state = 0;
        for (var i = 0; i < digits.Length; i++)
            state = DihedralProduct(state, Permute(digits[^(i + 1)] - '0', i % 8));
        return state == 0;
    }

    /// <summary>The number that a run of ASCII digits writes; the caller keeps it below 19 digits.</summary>
    public static long Number(ReadOnlySpan<char> digits)
    {
        long value = 0;
        foreach (var c in digits)
            value = (value * 10) + c - '0';
        return value;
    }

    public static bool AllDigits(ReadOnlySpan<char> characters) => !characters.ContainsAnyExceptInRange('0', '9');

    /// <summary>Day and month of some year: 29 February is let through, the year's own leap day isn't these numbers' safeguard.</summary>
    public static bool IsDayOfYear(int month, int day) =>
        month is >= 1 and <= 12 && day >= 1 && day <= (month == 2 ? 29 : month is 4 or 6 or 9 or 11 ? 30 : 31);

    // D5 as rotations 0-4 and reflections 5-9, which replaces the usual 10 x 10 table.
    private static int DihedralProduct(int a, int b)
    {
        var rotation = a < 5 ? (a + b) % 5 : (a - b + 10) % 5;
        return (a < 5) == (b < 5) ? rotation : rotation + 5;
    }

    // Verhoeff's permutation (1 5 8 9 4 2 7 0)(3 6), applied `times` times.
    private static int Permute(int digit, int times)
    {
        ReadOnlySpan<byte> next = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        for (var i = 0; i < times; i++)
            digit = next[digit];
        return digit;
    }
}
