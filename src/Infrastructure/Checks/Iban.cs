namespace LexCustis.Infrastructure.Checks;

/// <summary>Account numbers as the SWIFT IBAN registry lists them (ISO 13616), and the shape of a BIC (ISO 9362).</summary>
internal static class Iban
{
    public const int Shortest = 15;
    public const int Longest = 33;

    // Country and length, in the registry's order.
    private const string Lengths =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22" +
        "GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31" +
        "MU31NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

    private static readonly byte[] LengthByCountry = Build();

    /// <summary>Length of the IBAN that begins with these letters; 0 when the country issues none.</summary>
    public static int LengthOf(ReadOnlySpan<char> canonical) =>
        canonical.Length >= 2 && char.IsAsciiLetterUpper(canonical[0]) && char.IsAsciiLetterUpper(canonical[1])
            ? LengthByCountry[Index(canonical[0], canonical[1])]
            : 0;

    /// <summary>Right country, right length, check digits 02 to 98 and MOD 97-10 over the number with its head moved to the end.</summary>
    public static bool IsValid(ReadOnlySpan<char> canonical) =>
        canonical.Length > 4 && canonical.Length == LengthOf(canonical)
        && char.IsAsciiDigit(canonical[2]) && char.IsAsciiDigit(canonical[3]) && canonical[2..4] is not ("00" or "01" or "99")
        && Checksums.Mod97(canonical[..4], Checksums.Mod97(canonical[4..])) == 1;

    /// <summary>Eight or eleven characters, the fifth and sixth a country that has banks. A BIC has no check digit.</summary>
    public static bool LooksLikeBic(ReadOnlySpan<char> canonical)
    {
        if (canonical.Length is not (8 or 11) || canonical[..6].ContainsAnyExceptInRange('A', 'Z'))
            return false;
        return LengthOf(canonical[4..]) > 0 || canonical[4..6] is "US" or "CA" or "AU" or "JP" or "CN" or "HK" or "SG" or "IN" or "NZ" or "ZA" or "MX" or "KR" or "MA";
    }

    private static int Index(char first, char second) => ((first - 'A') * 26) + second - 'A';

    private static byte[] Build()
    {
        var table = new byte[26 * 26];
        for (var i = 0; i < Lengths.Length; i += 4)
            table[Index(Lengths[i], Lengths[i + 1])] = byte.Parse(Lengths.AsSpan(i + 2, 2));
        return table;
    }
}
