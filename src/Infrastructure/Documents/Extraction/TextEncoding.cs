using System.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// Text from bytes: UTF-8 with or without a byte order mark, UTF-16 with one, and else Windows-1252, which holds whatever Western European
/// programs wrote before UTF-8 (ISO 8859-1 is a part of it).
/// </summary>
internal static class TextEncoding
{
    /// <summary>0x80 to 0x9F of Windows-1252 (WHATWG Encoding, index windows-1252); U+0000 where it has no character.</summary>
    private const string Windows1252 = "\u20AC\0\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\0\u017D\0\0\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\0\u017E\u0178";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictUtf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictUtf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>Whether a file that begins so can be text: no NUL, unless it says that it is UTF-16, and next to no other control characters.</summary>
    public static bool LooksLikeText(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return true;
        var controls = 0;
        foreach (var one in head)
        {
            if (one == 0)
                return false;
            if (one < 0x20 && one is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f'))
                controls++;
        }

        return controls * 100 <= head.Length;
    }

    /// <exception cref="UnreadableDocumentException">The bytes are in none of these encodings.</exception>
    public static string Decode(byte[] bytes)
    {
        try
        {
            if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                return StrictUtf8.GetString(bytes, 3, bytes.Length - 3);
            if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
                return StrictUtf16.GetString(bytes, 2, bytes.Length - 2);
            if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
                return StrictUtf16BigEndian.GetString(bytes, 2, bytes.Length - 2);
        }
        catch (DecoderFallbackException)
        {
            // It says what it is, and is not.
            throw new UnreadableDocumentException(Unreadable.WrongEncoding);
        }

        if (bytes.AsSpan().Contains((byte)0))
            throw new UnreadableDocumentException(Unreadable.WrongEncoding);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : DecodeWindows1252(bytes);
    }

    private static string DecodeWindows1252(byte[] bytes)
    {
        var beyondAscii = 0;
        foreach (var one in bytes)
        {
            if (one < 0x80)
                continue;
            beyondAscii++;
            if (one < 0xA0 && Windows1252[one - 0x80] == '\0')
                throw new UnreadableDocumentException(Unreadable.WrongEncoding);
        }

        // In the languages that Windows-1252 serves, letters outside of ASCII are few; in Greek, Cyrillic or Japanese code pages they are most.
        if (beyondAscii * 4L > bytes.Length)
            throw new UnreadableDocumentException(Unreadable.WrongEncoding);
        return string.Create(bytes.Length, bytes, static (text, bytes) =>
        {
            for (var at = 0; at < bytes.Length; at++)
                text[at] = bytes[at] is >= 0x80 and < 0xA0 ? Windows1252[bytes[at] - 0x80] : (char)bytes[at];
        });
    }
}
