using System.Buffers;
using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Reads the writings in which text is hidden. Each method writes what the text means into a span as long as the text at least, and
/// returns how many characters that are; 0 where the text means nothing in that writing.
/// </summary>
internal static class EncodedText
{
    private const int ShortestHex = 24;
    private const int ShortestText = 8;

    // Cyrillic and Greek letters that look like Latin ones, and those.
    private const string Seen = "аеорсухіјѕԁһвкмнтАВЕКМНОРСТХІЈЅαορνικτυχεγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    private const string Meant = "aeopcyxijsdhvkmhtABEKMHOPCTXIJSaopviktuxeyABEZHIKMNOPTYX";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");

    /// <summary>Base64 in both alphabets (RFC 4648), padded or not, or hexadecimal, of UTF-8.</summary>
    public static int Base64OrHex(ReadOnlySpan<char> encoded, Span<char> characters)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(encoded.Length);
        var hex = encoded.Length >= ShortestHex && encoded.Length % 2 == 0 && !encoded.ContainsAnyExcept(HexDigits);
        var count = hex ? Hex(encoded, bytes) : Base64(encoded, bytes);
        var written = Utf8(bytes.AsSpan(0, count), characters);
        ArrayPool<byte>.Shared.Return(bytes);
        return written;
    }

    /// <summary>The escapes of addresses and forms (RFC 3986, section 2.1), of UTF-8.</summary>
    public static int PercentEscapes(ReadOnlySpan<char> encoded, Span<char> characters)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(encoded.Length);
        var count = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (IsEscape(encoded, i))
            {
                bytes[count++] = (byte)((HexValue(encoded[i + 1]) << 4) | HexValue(encoded[i + 2]));
                i += 2;
            }
            else
            {
                bytes[count++] = (byte)(encoded[i] == '+' ? ' ' : encoded[i]);
            }
        }

        var written = Utf8(bytes.AsSpan(0, count), characters);
        ArrayPool<byte>.Shared.Return(bytes);
        return written;
    }

    /// <summary>Whether "%" and two hexadecimal digits stand at <paramref name="index"/>.</summary>
    public static bool IsEscape(ReadOnlySpan<char> text, int index) =>
        text[index] == '%' && index + 2 < text.Length && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]);

    /// <summary>
    /// Letters set apart, as in "i g n o r e  a l l", "i-g-n-o-r-e a-l-l" or "i. g. n. o. r. e - a. l. l". The first gap that comes twice
    /// running parts letters, any other parts words.
    /// </summary>
    public static int SpelledLetters(ReadOnlySpan<char> encoded, Span<char> characters)
    {
        var betweenLetters = default(ReadOnlySpan<char>);
        for (var at = 0; NextGap(encoded, ref at) is { IsEmpty: false } gap;)
        {
            if (gap.SequenceEqual(betweenLetters))
                break;
            betweenLetters = gap;
        }

        var count = 0;
        for (var at = 0; at < encoded.Length;)
        {
            characters[count++] = encoded[at];
            if (NextGap(encoded, ref at) is { IsEmpty: false } gap && !gap.SequenceEqual(betweenLetters))
                characters[count++] = ' ';
        }

        return count;
    }

    /// <summary>Each letter thirteen places on, in a text of the same length.</summary>
    public static int Rot13(ReadOnlySpan<char> encoded, Span<char> characters)
    {
        for (var i = 0; i < encoded.Length; i++)
        {
            var c = encoded[i];
            characters[i] = char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c;
        }

        return encoded.Length;
    }

    /// <summary>Latin letters for those of other scripts that look like them, in a text of the same length.</summary>
    public static int LookAlikes(ReadOnlySpan<char> encoded, Span<char> characters)
    {
        for (var i = 0; i < encoded.Length; i++)
        {
            var at = encoded[i] < '\u0370' ? -1 : Seen.IndexOf(encoded[i], StringComparison.Ordinal);
            characters[i] = at < 0 ? encoded[i] : Meant[at];
        }

        return encoded.Length;
    }

    // What stands between the letter at the index and the next, to which the index moves on; empty behind the last.
    private static ReadOnlySpan<char> NextGap(ReadOnlySpan<char> spelled, scoped ref int at)
    {
        var start = at + 1;
        for (at = start; at < spelled.Length; at++)
        {
            if (Fold.Symbol(spelled[at]) > Fold.Skip)
                return spelled[start..at];
        }

        return default;
    }

    private static int Hex(ReadOnlySpan<char> encoded, Span<byte> bytes) =>
        Convert.FromHexString(encoded, bytes, out _, out var count) == OperationStatus.Done ? count : 0;

    // The framework's base64url reader throws on what isn't any, so this goes by the plain one.
    private static int Base64(ReadOnlySpan<char> encoded, Span<byte> bytes)
    {
        encoded = encoded.TrimEnd('=');
        encoded = encoded[..(encoded.Length - (encoded.Length % 4 == 1 ? 1 : 0))];
        var padded = ArrayPool<char>.Shared.Rent(encoded.Length + 2);
        var length = 0;
        foreach (var c in encoded)
            padded[length++] = c == '-' ? '+' : c == '_' ? '/' : c;
        while (length % 4 != 0)
            padded[length++] = '=';
        var done = Convert.TryFromBase64Chars(padded.AsSpan(0, length), bytes, out var written);
        ArrayPool<char>.Shared.Return(padded);
        return done ? written : 0;
    }

    // Most of what base64 decodes to is no text: a picture, a key, a word of letters that happened to be some.
    private static int Utf8(ReadOnlySpan<byte> bytes, Span<char> characters)
    {
        if (!Encoding.UTF8.TryGetChars(bytes, characters, out var count))
            return 0;
        var odd = 0;
        foreach (var c in characters[..count])
            odd += c == '\uFFFD' || (c < ' ' && c is not ('\n' or '\r' or '\t')) ? 1 : 0;
        return count >= ShortestText && odd * 20 <= count ? count : 0;
    }

    private static int HexValue(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
