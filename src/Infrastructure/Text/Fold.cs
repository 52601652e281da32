namespace LexCustis.Infrastructure.Text;

/// <summary>
/// Reads a character as a symbol of a small alphabet, so that "Élève", "eleve" and the full-width "ｅｌｅｖｅ" are one word
/// and invisible characters split nothing. One table look-up a character, no allocation.
/// </summary>
internal static class Fold
{
    /// <summary>Not part of a word: blanks, punctuation, emoji, lone surrogates.</summary>
    public const byte Break = 0;

    /// <summary>Not seen by a reader: zero-width characters, soft hyphens, direction marks, combining accents.</summary>
    public const byte Skip = 1;

    public const byte Digit0 = 2;
    public const byte Digit9 = Digit0 + 9;
    public const byte LatinA = 12;
    public const byte LatinZ = LatinA + 25;
    public const byte Greek = 38;
    public const byte Cyrillic = 62;

    /// <summary>What lexicons write for the gap between two words of a phrase; no character folds to it.</summary>
    public const byte Gap = 94;

    /// <summary>A letter of a script the lexicons don't hold.</summary>
    public const byte Other = 95;

    public const int Alphabet = 96;

    private const string GreekLetters = "αβγδεζηθικλμνξοπρστυφχψω";
    private const string CyrillicLetters = "абвгдежзийклмнопрстуфхцчшщъыьэюя";

    // Each base letter, then what folds to it. Covers the 24 official languages of the EU, Irish dots and Welsh hats included.
    private static readonly string[] Variants =
    [
        "aàáâãäåāăąǎæ", "bḃ", "cçćĉċč", "dďđðḋ", "eèéêëēĕėęěẽ", "fḟ", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķĸ", "lĺļľŀł",
        "mṁ", "nñńņňŉ", "oòóôõöøōŏőœ", "pṗ", "rŕŗř", "sśŝşšșßṡ", "tţťŧțþṫ", "uùúûüũūŭůűų", "wŵẁẃẅ", "yýÿŷỳ", "zźżž",
        "αά", "εέ", "ηή", "ιίϊΐ", "οό", "σς", "υύϋΰ", "ωώ", "еёѐє", "иѝії",
    ];

    private static readonly byte[] Table = Build();

    /// <summary>The symbol of each character. A loop reads this once, for at each reading is asked whether the table has been built.</summary>
    public static ReadOnlySpan<byte> Symbols => Table;

    public static byte Symbol(char c) => Table[c];

    public static bool IsDigit(byte symbol) => (uint)(symbol - Digit0) <= 9;

    public static bool IsLatin(byte symbol) => (uint)(symbol - LatinA) <= 25;

    /// <summary>The upper-case ASCII letter or digit that the symbol stands for, or '\0'.</summary>
    public static char ToAscii(byte symbol) =>
        IsDigit(symbol) ? (char)('0' + symbol - Digit0) : IsLatin(symbol) ? (char)('A' + symbol - LatinA) : '\0';

    /// <summary>First index at or after <paramref name="index"/> that is not part of a word.</summary>
    public static int WordEnd(ReadOnlySpan<char> text, int index)
    {
        var symbols = Symbols;
        while (index < text.Length && symbols[text[index]] != Break)
            index++;
        return index;
    }

    private static byte[] Build()
    {
        var table = new byte[char.MaxValue + 1];
        for (var c = 0; c <= char.MaxValue; c++)
        {
            var lower = char.ToLowerInvariant((char)c);
            table[c] = char.IsAsciiLetterLower(lower) ? (byte)(LatinA + lower - 'a')
                : char.IsDigit((char)c) ? (byte)(Digit0 + (int)char.GetNumericValue((char)c))
                : GreekLetters.Contains(lower) ? (byte)(Greek + GreekLetters.IndexOf(lower))
                : CyrillicLetters.Contains(lower) ? (byte)(Cyrillic + CyrillicLetters.IndexOf(lower))
                : char.IsLetter(lower) ? Other
                : IsInvisible(lower) ? Skip
                : Break;
        }

        foreach (var variants in Variants)
        {
            foreach (var variant in variants)
            {
                table[variant] = table[variants[0]];
                table[char.ToUpperInvariant(variant)] = table[variants[0]];
            }
        }

        for (var i = 0; i < 26; i++)
            table['Ａ' + i] = table['ａ' + i] = (byte)(LatinA + i);
        return table;
    }

    private static bool IsInvisible(char c) => c is '\u00AD' or '\u034F' or '\u061C' or '\u180E' or '\uFEFF'
        or (>= '\u0300' and <= '\u036F') or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E')
        or (>= '\u2060' and <= '\u2069') or (>= '\uFE00' and <= '\uFE0F');
}
