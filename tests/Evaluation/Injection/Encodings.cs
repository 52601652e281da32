using System.Text;

namespace LexCustis.Evaluation.Injection;

/// <summary>Ways to hide a text from a reader of patterns.</summary>
internal static class Encodings
{
    public static readonly (string Name, Func<string, string> Encode)[] All =
    [
        ("base64", t => Convert.ToBase64String(Encoding.UTF8.GetBytes(t))),
        ("base64_twice", t => Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(t))))),
        ("hex", t => Convert.ToHexString(Encoding.UTF8.GetBytes(t))),
        ("percent", t => string.Concat(Encoding.UTF8.GetBytes(t).Select(b => $"%{b:X2}"))),
        ("rot13", t => string.Concat(t.Select(Turn))),
        ("tags", t => string.Concat(t.Where(char.IsAscii).Select(c => char.ConvertFromUtf32(0xE0000 + c)))),
        ("homoglyphs", t => t.Replace('a', 'а').Replace('e', 'е').Replace('o', 'о')),
        ("spaced", t => string.Join(' ', t.ToCharArray())),
        ("zero_width", t => string.Join('\u200B', t.ToCharArray())),
    ];

    private static char Turn(char c) => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26))
        : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c;
}
