using System.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// Markdown stays as it was written, but for its headings (<c># …</c>, and lines underlined with = or -), which are told apart, and for HTML
/// comments, which no reader of the page sees. What stands in fenced code is neither.
/// </summary>
internal static class MarkdownText
{
    public static ExtractedText Read(byte[] file, int maxCharacters)
    {
        var lines = TextEncoding.Decode(file).ReplaceLineEndings("\n").Split('\n');
        var builder = new TextBuilder(maxCharacters);
        var block = new StringBuilder();
        var inComment = false;
        string? fence = null;
        for (var at = 0; at < lines.Length; at++)
        {
            var line = lines[at];
            if (fence is null)
                line = WithoutComments(line, ref inComment);
            var trimmed = line.Trim();
            if (fence is not null)
                fence = trimmed.StartsWith(fence, StringComparison.Ordinal) && trimmed.Trim(fence[0]).Length == 0 ? null : fence;
            else if (FenceOf(trimmed) is { } opened)
                fence = opened;
            else if (LevelOf(trimmed) is > 0 and var level)
            {
                Close();
                builder.AppendHeading(trimmed[level..].Trim().TrimEnd('#').TrimEnd(), level);
                continue;
            }
            else if (trimmed.Length > 0 && block.Length == 0 && at + 1 < lines.Length && UnderlineLevel(lines[at + 1]) is > 0 and var underlined && IsProse(trimmed))
            {
                builder.AppendHeading(trimmed, underlined);
                at++;
                continue;
            }

            if (trimmed.Length == 0 && fence is null)
                Close();
            else
                block.Append(line).Append('\n');
        }

        Close();
        return builder.Build();

        void Close()
        {
            builder.AppendBlock(block.ToString());
            block.Clear();
        }
    }

    /// <summary>The line without the parts of it that stand in a comment, which may have begun lines ago.</summary>
    private static string WithoutComments(string line, ref bool inComment)
    {
        if (!inComment && !line.Contains("<!--", StringComparison.Ordinal))
            return line;
        var seen = new StringBuilder();
        for (var at = 0; at < line.Length;)
        {
            var border = line.IndexOf(inComment ? "-->" : "<!--", at, StringComparison.Ordinal);
            if (!inComment)
                seen.Append(line, at, (border < 0 ? line.Length : border) - at);
            if (border < 0)
                break;
            at = border + (inComment ? 3 : 4);
            inComment = !inComment;
        }

        return seen.ToString();
    }

    /// <returns>The run of ` or ~ that opens fenced code; null for any other line.</returns>
    private static string? FenceOf(string line)
    {
        var length = line.Length - line.TrimStart(line.StartsWith('~') ? '~' : '`').Length;
        return length >= 3 ? line[..length] : null;
    }

    /// <returns>1 to 6; 0 for a line that is no heading.</returns>
    private static int LevelOf(string line)
    {
        var level = line.Length - line.TrimStart('#').Length;
        return level is >= 1 and <= 6 && level < line.Length && line[level] is ' ' or '\t' ? level : 0;
    }

    private static int UnderlineLevel(string line)
    {
        var trimmed = line.Trim();
        return trimmed.Length < 2 ? 0 : trimmed.Trim('=').Length == 0 ? 1 : trimmed.Trim('-').Length == 0 ? 2 : 0;
    }

    /// <summary>What an underline makes a heading of: not a list item, a quotation, a row of a table, or another rule.</summary>
    private static bool IsProse(string line) => char.IsLetterOrDigit(line[0]) && !line.Contains('|', StringComparison.Ordinal);
}
