using LexCustis.Evaluation.Pii;

namespace LexCustis.Evaluation.Injection;

/// <summary>
/// A pattern of a training file and what it may be drawn as. <c>{a|b}</c> draws one of its alternatives, <c>{|a}</c> maybe none;
/// <c>@name</c> stands for the list <c>@name = a|b</c> defined last above it. "+" lines are attacks, "-" lines harmless; a "*" line is both, in
/// the same words: <c>{+a|b}</c> is drawn in the attack and <c>{-c|d}</c> in its harmless twin only.
/// </summary>
internal sealed record Pattern(bool Attack, string Text)
{
    public static Pattern[] Read(string file)
    {
        var lists = new Dictionary<string, string>(StringComparer.Ordinal);
        var patterns = new List<Pattern>();
        foreach (var line in File.ReadAllLines(file))
        {
            if (line.StartsWith('@'))
            {
                var (name, rest) = (line[1..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 2)..]);
                lists[name] = $"{{{Insert(rest, lists)}}}";
            }
            else if (line.Length > 2 && line[1] == ' ' && line[0] is '+' or '-' or '*')
            {
                var text = Insert(line[2..], lists);
                if (line[0] != '-')
                    patterns.Add(new Pattern(true, text));
                if (line[0] != '+')
                    patterns.Add(new Pattern(false, text));
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                throw new FormatException($"{Path.GetFileName(file)}: not a list, a pattern or a comment: {line}");
            }
        }

        return [.. patterns];
    }

    /// <summary>Finished sentences, "en + text": each a pattern of one reading.</summary>
    public static Pattern[] ReadLines(string file) =>
        [.. File.ReadAllLines(file).Where(l => l.Length > 5 && l[0] != '#').Select(l => new Pattern(l[3] == '+', l[5..]))];

    /// <summary>Chooses among the alternatives, innermost braces first.</summary>
    public string Say(Draw draw)
    {
        var text = Text;
        while (text.IndexOf('}', StringComparison.Ordinal) is var close && close >= 0)
        {
            var open = text.LastIndexOf('{', close);
            var inside = text[(open + 1)..close];
            var sided = inside.Length > 0 && inside[0] is '+' or '-';
            var chosen = !sided ? draw.Of(inside.Split('|')) : inside[0] == '+' == Attack ? draw.Of(inside[1..].Split('|')) : "";
            text = text[..open] + chosen + text[(close + 1)..];
        }

        return text.Replace("\\n", "\n", StringComparison.Ordinal);
    }

    private static string Insert(string text, Dictionary<string, string> lists)
    {
        var at = 0;
        while ((at = text.IndexOf('@', at)) >= 0)
        {
            var end = at + 1;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
                end++;
            if (!lists.TryGetValue(text[(at + 1)..end], out var list))
            {
                at = end;
                continue;
            }

            text = text[..at] + list + text[end..];
            at += list.Length;
        }

        return text;
    }
}
