using System.Text;

namespace LexCustis.Evaluation.Text;

/// <summary>Inputs that make careless scanners quadratic.</summary>
internal static class Hostile
{
    public static readonly (string Name, Func<int, string> Make)[] All =
    [
        ("letters", n => new string('a', n)),
        ("digits", n => new string('1', n)),
        ("digit_groups", n => Repeat("1234 ", n)),
        ("short_groups", n => Repeat("1 ", n)),
        ("at_signs", n => Repeat("a@", n)),
        ("dots", n => Repeat("a.b@c.", n)),
        ("schemes", n => Repeat("x://a:", n)),
        ("hosts", n => Repeat("a-b.c_d+", n)),
        ("overrides", n => Repeat("ignore all previous rules ", n)),
        ("full_stops", n => Repeat(". ", n)),
        ("plus", n => Repeat("+49 ", n)),
        ("pem", n => Repeat("-----BEGIN PRIVATE KEY", n)),
        ("zero_width", n => new string('\u200B', n)),
        ("one_wide_word", n => "1" + new string('\u200B', n - 1)),
        ("lone_surrogates", n => new string('\uD800', n)),
        ("tags", n => Repeat("\uDB40\uDC41", n)),
        ("base64", n => new string('A', n)),
        ("nested_base64", Nested),
        ("percent", n => Repeat("%41", n)),
        ("spaced", n => Repeat("i ", n)),
        ("images", n => Repeat("![", n)),
        ("tags_html", n => Repeat("<img ", n)),
        ("templates", n => Repeat("<|im_start|>", n)),
        ("mixed_scripts", n => Repeat("aа", n)),
        ("rot13", n => Repeat("vtaber cebzcg ", n)),
        ("labels", n => Repeat("IBAN PESEL ", n)),
        ("titles", n => Repeat("Mr A ", n)),
        ("streets", n => Repeat("Via Roma 1 ", n)),
        ("secrets", n => Repeat("password: a1", n)),
        ("hyphens", n => Repeat("sk-", n)),
        ("hex_colons", n => Repeat("a1:", n)),
        ("groups_bias", n => Repeat("all women are ", n)),
        ("no_breaks", n => Repeat("漢", n)),
    ];

    private static string Repeat(string unit, int length) => new StringBuilder(length + unit.Length).Insert(0, unit, (length / unit.Length) + 1).ToString(0, length);

    private static string Nested(int length)
    {
        var text = new string('x', Math.Max(8, length / 8));
        while (text.Length < length)
            text = Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
        return text[..length];
    }
}
