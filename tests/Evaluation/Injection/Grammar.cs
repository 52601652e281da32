using LexCustis.Evaluation.Pii;

namespace LexCustis.Evaluation.Injection;

/// <summary>A pattern of the training file and what it may be drawn as.</summary>
internal sealed record Pattern(bool Attack, string Text)
{
    public static Pattern[] Read(string file) =>
        [.. File.ReadAllLines(file).Where(l => l.StartsWith("+ ", StringComparison.Ordinal) || l.StartsWith("- ", StringComparison.Ordinal))
            .Select(l => new Pattern(l[0] == '+', l[2..]))];

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
            text = text[..open] + draw.Of(text[(open + 1)..close].Split('|')) + text[(close + 1)..];
        }

        return text;
    }
}
