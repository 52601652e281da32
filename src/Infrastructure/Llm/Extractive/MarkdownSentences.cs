using System.Text;
using System.Text.RegularExpressions;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Llm.Extractive;

/// <summary>Takes a Markdown passage apart into sentences that can stand in an answer: whole, and without Markdown.</summary>
internal static partial class MarkdownSentences
{
    /// <summary>A list that completes its introduction is quoted together with it, as far as this many words.</summary>
    private const int MaxWords = 55;

    /// <summary>Shorter ones are labels, not statements.</summary>
    private const int MinWords = 4;

    public static List<string> Of(string markdown)
    {
        var sentences = new List<string>();
        var blocks = Blocks(markdown);
        for (var i = 0; i < blocks.Count; i++)
        {
            var text = blocks[i].Text;
            if (text.EndsWith(':'))
            {
                var items = blocks.Skip(i + 1).TakeWhile(b => b.IsItem).Select(b => b.Text).ToList();
                if (items.Count > 0 && !(items[0].EndsWith('.') && IsStatement(items[0])))
                {
                    i += items.Count;
                    text = WithList(text, items);
                }
            }

            sentences.AddRange(Split(text).Where(IsStatement));
        }

        return sentences;
    }

    public static int CountWords(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Paragraphs and list items, each as one line of plain text. Headings, tables, code and rules are no prose and are left out.</summary>
    private static List<(string Text, bool IsItem)> Blocks(string markdown)
    {
        var blocks = new List<(string, bool)>();
        var block = new StringBuilder();
        var isItem = false;
        var isCode = false;
        foreach (var rawLine in Comment().Replace(markdown, "").Split('\n'))
        {
            var line = rawLine.Trim();
            if (line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal))
            {
                Flush();
                isCode = !isCode;
                continue;
            }

            while (line.StartsWith('>'))
                line = line[1..].TrimStart();
            if (isCode || line.Length == 0 || line[0] is '#' or '|' || Rule().IsMatch(line))
            {
                Flush();
                continue;
            }

            if (Bullet().Match(line) is { Success: true } bullet)
            {
                Flush();
                isItem = true;
                line = line[bullet.Length..];
            }

            block.Append(block.Length > 0 ? " " : "").Append(line);
        }

        Flush();
        return blocks;

        void Flush()
        {
            var text = Plain(block.ToString());
            if (text.Length > 0)
                blocks.Add((text, isItem));
            block.Clear();
            isItem = false;
        }
    }

    private static string Plain(string text)
    {
        text = Link().Replace(text, "$1");
        text = Emphasis().Replace(text, "$2");
        return Spaces().Replace(text.Replace("`", "", StringComparison.Ordinal), " ").Trim();
    }

    private static string WithList(string introduction, List<string> items)
    {
        var room = MaxWords - CountWords(introduction);
        var taken = items.TakeWhile(item => (room -= CountWords(item)) >= 0).Select(item => item.TrimEnd('.', ';', ',', ' ')).ToList();
        if (taken.Count == 0)
            return "";
        return $"{introduction} {string.Join("; ", taken)}{(taken.Count < items.Count ? "; …" : ".")}";
    }

    // From where the last one ended, so that an opening quotation mark or bracket stays with its sentence.
    private static List<string> Split(string text)
    {
        var sentences = new List<string>();
        var cut = new SentenceCutter(text);
        for (var from = 0; cut.MoveNext(); from = cut.End)
        {
            var sentence = text[from..cut.End].Trim();
            // An item or paragraph whose author left out the full stop.
            var ended = sentence.AsSpan().TrimEnd(SentenceCutter.Closers)[^1] is '.' or '!' or '?' or '…' or ';' or ',' or ':';
            sentences.Add(ended ? sentence : sentence + ".");
        }

        return sentences;
    }

    private static bool IsStatement(string sentence) =>
        sentence[^1] is not (';' or ',' or ':' or '?')
        && (char.IsUpper(sentence[0]) || char.IsDigit(sentence[0]) || sentence[0] is '“' or '„' or '«' or '"' or '(')
        && CountWords(sentence) >= MinWords;

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[-*_= ]{3,}$", RegexOptions.NonBacktracking)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^(?:[-*+•]|\(?[0-9]{1,2}[.)]|\(?[a-z][)])\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Bullet();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)", RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w*])(\*{1,3}|_{1,3})(\S(?:[^*]*?\S)?)\1(?![\w*])")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
