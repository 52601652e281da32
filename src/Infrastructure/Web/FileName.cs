using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Web;

/// <summary>The name of an uploaded file, fit to be kept and shown.</summary>
internal static class FileName
{
    private const int Longest = 255;

    /// <summary>
    /// The last part of what may be a path, without characters that are not seen or turn the order of reading around
    /// (<c>invoice\u202Efdp.exe</c> shows as <c>invoiceexe.pdf</c>); too long a name loses its middle, never its ending.
    /// </summary>
    /// <returns>Null when nothing is left.</returns>
    public static string? Clean(string raw)
    {
        var seen = new StringBuilder();
        foreach (var rune in UnicodeNormalization.Compose(raw[(raw.LastIndexOfAny(['/', '\\']) + 1)..]).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                seen.Append(rune);
            }
        }

        var name = seen.ToString().Trim();
        if (name.Trim('.').Length == 0)
            return null;
        if (name.Length <= Longest)
            return name;
        var ending = Path.GetExtension(name) is { Length: > 0 and <= 16 } extension ? extension : "";
        var kept = Longest - 1 - ending.Length;
        return string.Concat(name.AsSpan(0, char.IsHighSurrogate(name[kept - 1]) ? kept - 1 : kept), "…", ending);
    }
}
