using static LexCustis.Infrastructure.Checks.Checksums;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// The structure and check digits of numbers that states give to people. Each method takes the canonical form (upper-case
/// ASCII, no separators) of any length. Sources: the issuing authorities' public descriptions, named where a rule is unusual.
/// </summary>
internal static class NationalNumbers
{
    /// <summary>AT: Sozialversicherungsnummer, NNNP DDMMYY. Months 13 to 15 exist where a day's numbers ran out.</summary>
    public static bool Austria(ReadOnlySpan<char> s)
    {
        if (s.Length != 10 || !AllDigits(s) || s[0] == '0')
            return false;
        var month = Two(s, 6);
        var sum = Weighted(s, [3, 7, 9]) + Weighted(s[4..], [5, 8, 4, 2, 1, 6]);
        return sum % 11 == s[3] - '0' && month is >= 1 and <= 15 && IsDayOfYear(Math.Min(month, 12), Two(s, 4));
    }

    /// <summary>BE: rijksregisternummer, YYMMDD SSS CC; for births from 2000 a 2 is put before the nine digits. A bis number adds 20 or 40 to the month.</summary>
    public static bool Belgium(ReadOnlySpan<char> s)
    {
        if (s.Length != 11 || !AllDigits(s))
            return false;
        var month = Two(s, 2) % 20;
        if (Two(s, 2) >= 60 || month > 12 || Two(s, 4) > 31)
            return false;
        var body = Number(s[..9]);
        var check = Two(s, 9);
        return check is >= 1 and <= 97 && (97 - (body % 97) == check || 97 - ((body + 2_000_000_000) % 97) == check);
    }

    /// <summary>BG: EGN, YYMMDD SSS C; month + 20 for the 1800s, + 40 for the 2000s.</summary>
    public static bool Bulgaria(ReadOnlySpan<char> s)
    {
        if (s.Length != 10 || !AllDigits(s))
            return false;
        var month = Two(s, 2);
        return month <= 52 && IsDayOfYear(month % 20, Two(s, 4))
            && Weighted(s, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == s[9] - '0';
    }

    /// <summary>CH: AHV number, an EAN-13 under the country code 756.</summary>
    public static bool Switzerland(ReadOnlySpan<char> s) =>
        s.Length == 13 && AllDigits(s) && s.StartsWith("756")
        && Weighted(s, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0;

    /// <summary>CZ, SK: rodné číslo, YYMMDD/SSSC; months + 50 for women, + 20 more when a day's numbers ran out (from 2004).</summary>
    public static bool CzechSlovak(ReadOnlySpan<char> s)
    {
        if (s.Length != 10 || !AllDigits(s))
            return false;
        var month = Two(s, 2) % 50;
        if (month > 20)
            month -= 20;
        // Until 1985 a remainder of 10 was written as check digit 0.
        var remainder = (int)(Number(s[..9]) % 11);
        return IsDayOfYear(month, Two(s, 4)) && remainder % 10 == s[9] - '0';
    }

    /// <summary>DE: steuerliche Identifikationsnummer. In the first ten digits exactly one digit comes twice or three times.</summary>
    public static bool GermanyTax(ReadOnlySpan<char> s)
    {
        if (s.Length != 11 || !AllDigits(s) || s[0] == '0')
            return false;
        Span<byte> counts = stackalloc byte[10];
        counts.Clear();
        foreach (var c in s[..10])
            counts[c - '0']++;
        int repeated = 0, tooMany = 0;
        foreach (var count in counts)
        {
            repeated += count is 2 or 3 ? 1 : 0;
            tooMany += count > 3 ? 1 : 0;
        }

        return repeated == 1 && tooMany == 0 && Mod11Then10(s);
    }

    /// <summary>DE: Versicherungsnummer (§ 147 SGB VI), area, DDMMYY, letter of the birth name, serial, check digit over digit sums.</summary>
    public static bool GermanyInsurance(ReadOnlySpan<char> s)
    {
        if (s.Length != 12 || !AllDigits(s[..8]) || !char.IsAsciiLetterUpper(s[8]) || !AllDigits(s[9..]))
            return false;
        // VKVV § 4: where a day's numbers run out, the day is raised by steps of 32.
        if (Two(s, 0) < 2 || !IsDayOfYear(Two(s, 4), Two(s, 2) > 32 ? Two(s, 2) % 32 : Two(s, 2)))
            return false;
        Span<char> digits = stackalloc char[12];
        s[..8].CopyTo(digits);
        var letter = s[8] - 'A' + 1;
        digits[8] = (char)('0' + (letter / 10));
        digits[9] = (char)('0' + (letter % 10));
        s[9..11].CopyTo(digits[10..]);
        ReadOnlySpan<byte> weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var product = (digits[i] - '0') * weights[i];
            sum += (product / 10) + (product % 10);
        }

        return sum % 10 == s[11] - '0';
    }

    /// <summary>DK: CPR, DDMMYY SSSC by modulus 11. Since 2007 numbers without the modulus are issued too; they can't be told from chance and are not reported.</summary>
    public static bool Denmark(ReadOnlySpan<char> s) =>
        s.Length == 10 && AllDigits(s) && IsDayOfYear(Two(s, 2), Two(s, 0)) && Weighted(s, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0;

    /// <summary>EE isikukood and LT asmens kodas, the same rule: century and sex, YYMMDD, serial, two-stage check digit.</summary>
    public static bool EstoniaLithuania(ReadOnlySpan<char> s)
    {
        if (s.Length != 11 || !AllDigits(s) || s[0] is < '1' or > '8' || !IsDayOfYear(Two(s, 3), Two(s, 5)))
            return false;
        var check = Weighted(s, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        if (check == 10)
            check = Weighted(s, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
        return check == s[10] - '0';
    }

    /// <summary>ES: DNI, eight digits and a letter; NIE, X, Y or Z for 0, 1 or 2 and seven digits.</summary>
    public static bool Spain(ReadOnlySpan<char> s)
    {
        const string Letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        if (s.Length != 9 || !AllDigits(s[1..8]) || !(char.IsAsciiDigit(s[0]) || s[0] is 'X' or 'Y' or 'Z'))
            return false;
        var head = char.IsAsciiDigit(s[0]) ? s[0] - '0' : s[0] - 'X';
        return Letters[(int)(((head * 10_000_000L) + Number(s[1..8])) % 23)] == s[8];
    }

    /// <summary>FI: henkilötunnus, DDMMYY, a century sign, three digits, a check character; the sign may be missing when it was a dash.</summary>
    public static bool Finland(ReadOnlySpan<char> s)
    {
        const string Characters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
        if (s.Length is not (10 or 11) || !AllDigits(s[..6]) || !IsDayOfYear(Two(s, 2), Two(s, 0)))
            return false;
        if (s.Length == 11 && s[6] is not ((>= 'A' and <= 'F') or (>= 'U' and <= 'Y')))
            return false;
        var serial = s[^4..^1];
        return AllDigits(serial) && Number(serial) >= 2 && Characters[(int)(((Number(s[..6]) * 1000) + Number(serial)) % 31)] == s[^1];
    }

    /// <summary>FR: NIR and its key, 97 less the remainder; Corsica's 2A and 2B count as 19 and 18.</summary>
    public static bool France(ReadOnlySpan<char> s)
    {
        if (s.Length != 15 || s[0] is not ((>= '1' and <= '4') or '7' or '8') || !AllDigits(s[1..6]) || !AllDigits(s[7..]))
            return false;
        var month = Two(s, 3);
        if (month is not ((>= 1 and <= 12) or (>= 20 and <= 42) or (>= 50 and <= 99)))
            return false;
        Span<char> body = stackalloc char[13];
        s[..13].CopyTo(body);
        if (s[5] == '2' && s[6] is 'A' or 'B')
        {
            body[5] = '1';
            body[6] = s[6] == 'A' ? '9' : '8';
        }

        return AllDigits(body) && 97 - (int)(Number(body) % 97) == Two(s, 13);
    }

    /// <summary>GB: National Insurance number. No check digit; HMRC (NIM39110) names the prefixes that are never given.</summary>
    public static bool BritainInsurance(ReadOnlySpan<char> s) =>
        s.Length == 9 && AllDigits(s[2..8]) && s[8] is >= 'A' and <= 'D'
        && char.IsAsciiLetterUpper(s[0]) && char.IsAsciiLetterUpper(s[1])
        && s[0] is not ('D' or 'F' or 'I' or 'Q' or 'U' or 'V') && s[1] is not ('D' or 'F' or 'I' or 'O' or 'Q' or 'U' or 'V')
        && s[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");

    /// <summary>GB: NHS number, modulus 11. An ISBN-10 has the same arithmetic, so only the context tells them apart.</summary>
    public static bool BritainHealth(ReadOnlySpan<char> s) =>
        s.Length == 10 && AllDigits(s) && s.ContainsAnyExcept('0') && Weighted(s, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0;

    /// <summary>GR: AMKA, DDMMYY, four digits, Luhn.</summary>
    public static bool Greece(ReadOnlySpan<char> s) =>
        s.Length == 11 && AllDigits(s) && IsDayOfYear(Two(s, 2), Two(s, 0)) && Luhn(s);

    /// <summary>HR: OIB, ISO 7064 MOD 11,10.</summary>
    public static bool Croatia(ReadOnlySpan<char> s) => s.Length == 11 && AllDigits(s) && Mod11Then10(s);

    /// <summary>HU: TAJ (social security), weights 3 and 7.</summary>
    public static bool HungaryHealth(ReadOnlySpan<char> s) =>
        s.Length == 9 && AllDigits(s) && s.ContainsAnyExcept('0') && Weighted(s, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 == s[8] - '0';

    /// <summary>HU: adóazonosító jel (tax), begins with 8, weights 1 to 9.</summary>
    public static bool HungaryTax(ReadOnlySpan<char> s) =>
        s.Length == 10 && AllDigits(s) && s[0] == '8' && Weighted(s, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == s[9] - '0';

    /// <summary>HU: személyi azonosító, M YYMMDD SSS C; the weights turn round for births from 1997 (M of 3 and 4 with a small year).</summary>
    public static bool HungaryPerson(ReadOnlySpan<char> s)
    {
        if (s.Length != 11 || !AllDigits(s) || s[0] is '0' or '9' || !IsDayOfYear(Two(s, 3), Two(s, 5)))
            return false;
        var late = s[0] is '3' or '4' or '7' or '8' || Two(s, 1) >= 97;
        var sum = late ? Weighted(s, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) : Weighted(s, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        return sum % 11 == s[10] - '0';
    }

    /// <summary>IE: PPS number, seven digits, a check letter, and since 2013 a second letter that counts nine times.</summary>
    public static bool Ireland(ReadOnlySpan<char> s)
    {
        const string Letters = "WABCDEFGHIJKLMNOPQRSTUV";
        if (s.Length is not (8 or 9) || !AllDigits(s[..7]))
            return false;
        var sum = Weighted(s, [8, 7, 6, 5, 4, 3, 2]);
        if (s.Length == 9)
        {
            if (s[8] is not ((>= 'A' and <= 'I') or 'W'))
                return false;
            sum += s[8] == 'W' ? 0 : (s[8] - 'A' + 1) * 9;
        }

        return Letters[sum % 23] == s[7];
    }

    /// <summary>IT: codice fiscale (DM 23 December 1976), with the letters that stand for digits where two people collide (omocodia).</summary>
    public static bool Italy(ReadOnlySpan<char> s)
    {
        const string Months = "ABCDEHLMPRST";
        const string DigitLetters = "LMNPQRSTUV";
        if (s.Length != 16 || s[..6].ContainsAnyExceptInRange('A', 'Z') || !Months.Contains(s[8])
            || !char.IsAsciiLetterUpper(s[11]) || !char.IsAsciiLetterUpper(s[15]))
        {
            return false;
        }

        ReadOnlySpan<byte> digitPlaces = [6, 7, 9, 10, 12, 13, 14];
        foreach (var place in digitPlaces)
        {
            if (!char.IsAsciiDigit(s[place]) && !DigitLetters.Contains(s[place]))
                return false;
        }

        var day = (DigitAt(s[9]) * 10) + DigitAt(s[10]);
        if (day is not ((>= 1 and <= 31) or (>= 41 and <= 71)))
            return false;

        ReadOnlySpan<byte> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var value = char.IsAsciiDigit(s[i]) ? s[i] - '0' : s[i] - 'A';
            sum += i % 2 == 0 ? odd[value] : value;
        }

        return 'A' + (sum % 26) == s[15];

        static int DigitAt(char c) => char.IsAsciiDigit(c) ? c - '0' : DigitLetters.IndexOf(c, StringComparison.Ordinal);
    }

    /// <summary>LU: matricule, YYYYMMDD, three digits, then a Luhn and a Verhoeff digit, both over the first eleven.</summary>
    public static bool Luxembourg(ReadOnlySpan<char> s)
    {
        if (s.Length != 13 || !AllDigits(s) || s[..2] is not ("18" or "19" or "20") || !IsDayOfYear(Two(s, 4), Two(s, 6)))
            return false;
        Span<char> second = stackalloc char[12];
        s[..11].CopyTo(second);
        second[11] = s[12];
        return Luhn(s[..12]) && Verhoeff(second);
    }

    /// <summary>LV: personas kods, DDMMYY-CSSSC. Numbers given since 2017 begin with 32 and tell no date; the same check digit.</summary>
    public static bool Latvia(ReadOnlySpan<char> s) =>
        s.Length == 11 && AllDigits(s) && (s.StartsWith("32") || IsDayOfYear(Two(s, 2), Two(s, 0)))
        && (1 + Weighted(s, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10 == s[10] - '0';

    /// <summary>MT: identity card, seven digits and a letter that names the register. No check digit is published.</summary>
    public static bool Malta(ReadOnlySpan<char> s) =>
        s.Length == 8 && AllDigits(s[..7]) && s[7] is 'M' or 'G' or 'A' or 'P' or 'L' or 'H' or 'B' or 'Z';

    /// <summary>NL: burgerservicenummer, the "elfproef" with a last weight of -1.</summary>
    public static bool Netherlands(ReadOnlySpan<char> s) =>
        s.Length == 9 && AllDigits(s) && s.ContainsAnyExcept('0')
        && (Weighted(s, [9, 8, 7, 6, 5, 4, 3, 2]) - (s[8] - '0')) % 11 == 0;

    /// <summary>PL: PESEL, YYMMDD (month + 20 in the 2000s, + 40, + 60, + 80 elsewhere), four digits, weights 1 3 7 9.</summary>
    public static bool Poland(ReadOnlySpan<char> s) =>
        s.Length == 11 && AllDigits(s) && IsDayOfYear(Two(s, 2) % 20, Two(s, 4))
        && Weighted(s, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;

    /// <summary>PL: NIP, modulus 11 where a remainder of 10 is never given.</summary>
    public static bool PolandTax(ReadOnlySpan<char> s) =>
        s.Length == 10 && AllDigits(s) && s[0] != '0' && Weighted(s, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == s[9] - '0';

    /// <summary>PT: NIF; the first digits tell who: 1 to 3 people, 45 non-residents, 5 to 9 companies and estates.</summary>
    public static bool Portugal(ReadOnlySpan<char> s)
    {
        if (s.Length != 9 || !AllDigits(s) || s[0] is '0' or '4' && !s.StartsWith("45"))
            return false;
        var check = 11 - (Weighted(s, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
        return (check > 9 ? 0 : check) == s[8] - '0';
    }

    /// <summary>RO: CNP, sex and century, YYMMDD, county, serial, weights 279146358279.</summary>
    public static bool Romania(ReadOnlySpan<char> s)
    {
        if (s.Length != 13 || !AllDigits(s) || s[0] == '0' || !IsDayOfYear(Two(s, 3), Two(s, 5)))
            return false;
        var county = Two(s, 7);
        var check = Weighted(s, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        return county is (>= 1 and <= 48) or 51 or 52 or 70 or (>= 80 and <= 83) && (check == 10 ? 1 : check) == s[12] - '0';
    }

    /// <summary>SE: personnummer and samordningsnummer (day + 60), with or without the century; Luhn over the ten.</summary>
    public static bool Sweden(ReadOnlySpan<char> s)
    {
        if (s.Length is not (10 or 12) || !AllDigits(s) || (s.Length == 12 && s[..2] is not ("18" or "19" or "20")))
            return false;
        var ten = s[^10..];
        var day = Two(ten, 4);
        return IsDayOfYear(Two(ten, 2), day > 60 ? day - 60 : day) && Luhn(ten);
    }

    /// <summary>SI: EMŠO, DDMMYYY, region 50 to 59, serial, modulus 11. The other successor states of Yugoslavia use other regions.</summary>
    public static bool Slovenia(ReadOnlySpan<char> s)
    {
        if (s.Length != 13 || !AllDigits(s) || !IsDayOfYear(Two(s, 2), Two(s, 0)) || s[4] is not ('9' or '0') || s[7] != '5')
            return false;
        var check = 11 - (Weighted(s, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
        return check != 10 && check % 11 == s[12] - '0';
    }

    private static int Two(ReadOnlySpan<char> s, int at) => ((s[at] - '0') * 10) + s[at + 1] - '0';
}
