using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>Puts a document's text together, block by block, each cleaned as it comes, so that offsets hold from then on.</summary>
/// <param name="limit">Characters that the text may have.</param>
internal sealed class TextBuilder(int limit)
{
    /// <summary>A longer heading is a paragraph that somebody made look like one.</summary>
    private const int LongestHeading = 200;

    private readonly StringBuilder text = new();
    private readonly List<Heading> headings = [];
    private readonly List<int> pages = [];

    public int Limit => limit;

    /// <summary>Characters that may still come.</summary>
    public int Room => limit - text.Length;

    /// <summary>The text so far has something to read.</summary>
    public bool HasText => text.Length > 0;

    /// <summary>Appends a paragraph, a list item, a row: what stands apart. Lines within it stay lines; nothing happens when nothing is left of it.</summary>
    /// <exception cref="UnreadableDocumentException">The text is longer than it may be.</exception>
    public void AppendBlock(string block, string separator = "\n\n")
    {
        var clean = Clean(block);
        if (clean.Length > 0)
            Append(clean, separator);
    }

    /// <exception cref="UnreadableDocumentException">The text is longer than it may be.</exception>
    public void AppendHeading(string heading, int level)
    {
        var clean = Clean(heading).ReplaceLineEndings(" ");
        if (clean.Length == 0)
            return;
        var start = Append(clean, "\n\n");
        if (clean.Length <= LongestHeading)
            headings.Add(new Heading(start, start + clean.Length, level));
    }

    /// <summary>What comes next stands on another page.</summary>
    public void BeginPage() => pages.Add(-1);

    public ExtractedText Build()
    {
        // Pages after the last one with text begin where the text ends.
        SettlePages(text.Length);
        return new ExtractedText(text.ToString(), headings, pages);
    }

    /// <summary>
    /// Form KC without what is not seen: control characters, marks that change the order of reading (U+202A–202E, U+2066–2069), soft hyphens, spaces
    /// of no width and tag characters, which can say to a model what no person sees. Blanks become one space, lines are trimmed, more than one empty line is one.
    /// </summary>
    internal static string Clean(string raw)
    {
        var composed = UnicodeNormalization.ComposeCompatible(raw);
        var clean = new StringBuilder(composed.Length);
        var (newlines, blank) = (0, false);
        foreach (var rune in composed.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\f' or 0x85 or 0x2028 or 0x2029)
                newlines++;
            else if (rune.Value == '\t' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator)
                blank = true;
            else if (!IsUnseen(rune))
            {
                if (clean.Length > 0 && newlines > 0)
                    clean.Append('\n', Math.Min(newlines, 2));
                else if (clean.Length > 0 && blank)
                    clean.Append(' ');
                (newlines, blank) = (0, false);
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control
        || rune.Value is 0xAD or 0x200B or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFB) or 0xFFFE or 0xFFFF or (>= 0xE0000 and <= 0xE0FFF);

    private int Append(string clean, string separator)
    {
        var gap = text.Length > 0 ? separator : "";
        if (clean.Length + gap.Length > Room)
            throw new UnreadableDocumentException(Unreadable.TooMuchText(limit));
        text.Append(gap);
        var start = text.Length;
        SettlePages(start);
        text.Append(clean);
        return start;
    }

    /// <summary>A page begins with its first block.</summary>
    private void SettlePages(int start)
    {
        for (var page = pages.Count - 1; page >= 0 && pages[page] < 0; page--)
            pages[page] = page == 0 ? 0 : start;
    }
}
