using System.Collections.Frozen;
using System.Net;
using System.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// The words of an HTML page as a browser without style sheets would show them: no scripts, styles, templates or comments, nothing that is
/// marked as hidden. One pass over the characters without looking back, so time and memory grow with the file alone. It is no HTML5 parser:
/// where tags are crossed, the text remains and only its structure is guessed.
/// </summary>
internal sealed class HtmlText
{
    /// <summary>Browsers stop at 512.</summary>
    private const int DeepestNesting = 512;

    private static readonly FrozenSet<string> Void = FrozenSet.Create(
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr");

    /// <summary>Their content is no text of the page.</summary>
    private static readonly FrozenSet<string> Silent = FrozenSet.Create(
        "head", "iframe", "math", "noframes", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title", "audio", "video", "canvas");

    /// <summary>Their content is characters up to their own end tag, whatever stands there.</summary>
    private static readonly FrozenSet<string> Raw = FrozenSet.Create("iframe", "noframes", "noscript", "script", "style", "textarea", "title", "xmp");

    private static readonly FrozenSet<string> Blocks = FrozenSet.Create(
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary",
        "table", "tbody", "tfoot", "thead", "tr", "ul");

    /// <summary>Elements whose end tag may be left out, and what then ends them.</summary>
    private static readonly FrozenDictionary<string, FrozenSet<string>> EndedBy = new Dictionary<string, FrozenSet<string>>(StringComparer.Ordinal)
    {
        ["p"] = Blocks,
        ["li"] = FrozenSet.Create("li"),
        ["dt"] = FrozenSet.Create("dt", "dd"),
        ["dd"] = FrozenSet.Create("dt", "dd"),
        ["td"] = FrozenSet.Create("td", "th", "tr", "tbody", "tfoot"),
        ["th"] = FrozenSet.Create("td", "th", "tr", "tbody", "tfoot"),
        ["tr"] = FrozenSet.Create("tr", "tbody", "tfoot"),
        ["option"] = FrozenSet.Create("option", "optgroup"),
        ["head"] = Blocks,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string html;
    private readonly TextBuilder builder;
    private readonly StringBuilder block = new();
    private readonly List<(string Name, bool Silent)> open = [];

    /// <summary>The block is an item of a list or a row of a table, and stands close to the one before it.</summary>
    private bool isItem;
    private int at;

    private HtmlText(string html, int maxCharacters) => (this.html, builder) = (html, new TextBuilder(maxCharacters));

    private bool IsSilent => open.Count > 0 && open[^1].Silent;

    /// <exception cref="UnreadableDocumentException">Elements nest deeper than in any page, or there is too much text.</exception>
    public static ExtractedText Read(byte[] file, int maxCharacters) => new HtmlText(TextEncoding.Decode(file), maxCharacters).Read();

    private ExtractedText Read()
    {
        while (at < html.Length)
        {
            var tag = html.IndexOf('<', at);
            AppendText(html.AsSpan(at, (tag < 0 ? html.Length : tag) - at));
            if (tag < 0)
                break;
            at = tag + 1;
            ReadMarkup();
        }

        CloseBlock(level: 0);
        return builder.Build();
    }

    /// <summary>Stands behind a <c>&lt;</c>.</summary>
    private void ReadMarkup()
    {
        var rest = html.AsSpan(at);
        if (rest.StartsWith("!--"))
            Skip("-->", 3);
        else if (rest.StartsWith("![CDATA["))
            Skip("]]>", 8);
        else if (rest is ['!' or '?', ..])
            Skip(">", 1);
        else if (rest is ['/', var first, ..] && char.IsAsciiLetter(first))
        {
            at++;
            var name = ReadName();
            Skip(">", 0);
            End(name);
        }
        else if (rest is [var letter, ..] && char.IsAsciiLetter(letter))
            ReadStartTag();
        else
            AppendText("<");
    }

    /// <summary>To behind the next <paramref name="end"/>, or to the end of the page.</summary>
    private void Skip(string end, int from)
    {
        var found = html.IndexOf(end, Math.Min(at + from, html.Length), StringComparison.Ordinal);
        at = found < 0 ? html.Length : found + end.Length;
    }

    private string ReadName()
    {
        var start = at;
        while (at < html.Length && !char.IsWhiteSpace(html[at]) && html[at] is not ('>' or '/'))
            at++;
        // A longer name is none that means anything here.
        return at - start > 32 ? "" : html[start..at].ToLowerInvariant();
    }

    private void ReadStartTag()
    {
        var name = ReadName();
        var (hidden, closed) = ReadAttributes();
        ImplyEnds(name);
        if (name == "br")
            AppendLine();
        else if (Blocks.Contains(name))
            CloseBlock(LevelOf(open.Count > 0 ? open[^1].Name : ""));
        if (Void.Contains(name))
            return;
        if (Raw.Contains(name))
        {
            SkipRaw(name);
            return;
        }

        // In HTML a slash at the end means nothing; in the foreign elements, which are silent, it does.
        if (closed && (IsSilent || name is "svg" or "math"))
            return;
        if (open.Count == DeepestNesting)
            throw new UnreadableDocumentException(Unreadable.TooComplex($"Its elements stand more than {DeepestNesting} deep in each other."));
        open.Add((name, IsSilent || hidden || Silent.Contains(name)));
        if (!IsSilent)
            Begin(name);
    }

    private void Begin(string name)
    {
        isItem |= name is "li" or "tr";
        if (name == "li")
            block.Append("- ");
        else if (name is "td" or "th" && HasWords())
            block.Append(" | ");
    }

    private void End(string name)
    {
        var depth = open.FindLastIndex(element => element.Name == name);
        if (depth < 0)
        {
            // Browsers make an empty paragraph of it; what was before ends all the same.
            if (name == "p")
                CloseBlock(level: 0);
            return;
        }

        var silent = open[depth].Silent;
        if (Blocks.Contains(name) && !silent)
            CloseBlock(LevelOf(name));
        open.RemoveRange(depth, open.Count - depth);
    }

    /// <summary>Ends what the start of such an element ends, within the nearest list, table or cell.</summary>
    private void ImplyEnds(string name)
    {
        for (var depth = open.Count - 1; depth >= 0 && open.Count - depth <= 8; depth--)
        {
            var element = open[depth].Name;
            if (EndedBy.TryGetValue(element, out var enders) && enders.Contains(name))
            {
                CloseBlock(LevelOf(element));
                open.RemoveRange(depth, open.Count - depth);
            }
            else if (element is "ul" or "ol" or "dl" or "table" or "div" or "section" or "article" or "body")
                return;
        }
    }

    /// <summary>Up to its own end tag; without one, to the end of the page.</summary>
    private void SkipRaw(string name)
    {
        while (true)
        {
            Skip("</", 0);
            if (at >= html.Length)
                return;
            if (html.AsSpan(at).StartsWith(name, StringComparison.OrdinalIgnoreCase) && (at + name.Length == html.Length || !char.IsAsciiLetterOrDigit(html[at + name.Length])))
            {
                Skip(">", 0);
                return;
            }
        }
    }

    /// <summary>Reads to behind the tag.</summary>
    private (bool Hidden, bool Closed) ReadAttributes()
    {
        var (hidden, closed) = (false, false);
        while (at < html.Length && html[at] != '>')
        {
            closed = html[at] == '/';
            if (closed || char.IsWhiteSpace(html[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < html.Length && html[at] is not ('=' or '>' or '/') && !char.IsWhiteSpace(html[at]))
                at++;
            var name = html.AsSpan(start, at - start);
            if (at == start)
                at++;
            hidden |= Hides(name, ReadValue());
        }

        at = Math.Min(at + 1, html.Length);
        return (hidden, closed);
    }

    /// <summary>Stands behind an attribute's name.</summary>
    private ReadOnlySpan<char> ReadValue()
    {
        var next = at;
        while (next < html.Length && char.IsWhiteSpace(html[next]))
            next++;
        if (next >= html.Length || html[next] != '=')
            return default;
        at = next + 1;
        while (at < html.Length && char.IsWhiteSpace(html[at]))
            at++;
        if (at >= html.Length)
            return default;

        var start = at;
        if (html[at] is var quote and ('"' or '\''))
        {
            start++;
            var end = html.IndexOf(quote, start);
            at = end < 0 ? html.Length : end + 1;
            return html.AsSpan(start, (end < 0 ? html.Length : end) - start);
        }

        while (at < html.Length && html[at] != '>' && !char.IsWhiteSpace(html[at]))
            at++;
        return html.AsSpan(start, at - start);
    }

    private static bool Hides(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (name.Equals("hidden", StringComparison.OrdinalIgnoreCase))
            return true;
        if (name.Equals("aria-hidden", StringComparison.OrdinalIgnoreCase))
            return value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase);
        if (!name.Equals("style", StringComparison.OrdinalIgnoreCase) || value.Length > 2_000)
            return false;
        var style = string.Concat(WebUtility.HtmlDecode(value.ToString()).Where(static character => !char.IsWhiteSpace(character)));
        return style.Contains("display:none", StringComparison.OrdinalIgnoreCase) || style.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase);
    }

    private void AppendText(ReadOnlySpan<char> raw)
    {
        if (raw.IsEmpty || IsSilent)
            return;
        var text = raw.Contains('&') ? WebUtility.HtmlDecode(raw.ToString()) : raw.ToString();
        if (open.Exists(static element => element.Name == "pre"))
        {
            block.Append(text.ReplaceLineEndings("\n"));
            return;
        }

        // A line's end in the file is a blank on the page.
        foreach (var character in text)
            block.Append(character is '\r' or '\n' or '\t' or '\f' ? ' ' : character);
    }

    private void AppendLine()
    {
        if (!IsSilent)
            block.Append('\n');
    }

    /// <param name="level">Of the heading that the block is; 0 for any other.</param>
    private void CloseBlock(int level)
    {
        var text = block.ToString();
        block.Clear();
        if (level > 0)
            builder.AppendHeading(text, level);
        else if (text.Trim() is not ("" or "-"))
            builder.AppendBlock(text, isItem ? "\n" : "\n\n");
        isItem = false;
    }

    private bool HasWords()
    {
        for (var character = 0; character < block.Length; character++)
        {
            if (!char.IsWhiteSpace(block[character]))
                return true;
        }

        return false;
    }

    private static int LevelOf(string name) => name is ['h', >= '1' and <= '6'] ? name[1] - '0' : 0;
}
