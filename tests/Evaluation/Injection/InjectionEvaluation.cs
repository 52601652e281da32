using System.Text.RegularExpressions;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Injection;

/// <summary>The whole injection check, rules and classifier together, on what it was not trained on.</summary>
internal static partial class InjectionEvaluation
{
    private const int Seed = 424242;

    private sealed record Line(string Language, char Label, string Family, string Text);

    public static void Run(string folder, bool explain)
    {
        var check = Read(folder, "injection-check.txt");
        Print.Line($"injection check set: recall {Share(check.Where(l => l.Label == '+')):F3}, false positives {Share(check.Where(l => l.Label != '+')):F3}");
        var old = Read(folder, "injection-heldout.txt");
        Print.Eval("injection_first_set_recall", Share(old.Where(l => l.Label == '+')));
        Print.Eval("injection_first_set_false_positives", Share(old.Where(l => l.Label != '+')));
        Print.Eval("injection_first_set_trigger_word_false_positives", Share(old.Where(l => l.Label == '!')));
        if (explain)
        {
            // The second and the third held-out set stay unread.
            foreach (var line in check.Concat(old).Where(l => IsFlagged(l.Text) != (l.Label == '+')))
                Print.Line($"{(line.Label == '+' ? "MISSED " : "FALSE  ")} {line.Language} {line.Label} {line.Text}");
            KnowledgeBase(folder, explain);
            return;
        }

        HeldOut(Read(folder, "injection-heldout-2.txt"), "injection");
        HeldOut(Read(folder, "injection-heldout-3.txt"), "injection_third_set");
        KnowledgeBase(folder, explain);
    }

    private static void HeldOut(Line[] lines, string name)
    {
        foreach (var language in lines.GroupBy(l => l.Language, StringComparer.Ordinal))
        {
            var attacks = language.Where(l => l.Label == '+').ToArray();
            var calm = language.Where(l => l.Label != '+').ToArray();
            Print.Line($"{name} {language.Key} recall {Share(attacks):F3} of {attacks.Length}, false positives {Share(calm):F3} of {calm.Length}");
        }

        foreach (var family in lines.Where(l => l.Label == '+').GroupBy(l => l.Family, StringComparer.Ordinal))
            Print.Eval($"{name}_recall_{family.Key}", Share(family));
        Print.Eval($"{name}_heldout_attacks", lines.Count(l => l.Label == '+'));
        Print.Eval($"{name}_heldout_harmless", lines.Count(l => l.Label != '+'));
        Print.Eval($"{name}_recall", Share(lines.Where(l => l.Label == '+')));
        Print.Eval($"{name}_false_positives", Share(lines.Where(l => l.Label != '+')));
        Print.Eval($"{name}_ordinary_false_positives", Share(lines.Where(l => l.Label is '-' or '=')));
        Print.Eval($"{name}_trigger_word_false_positives", Share(lines.Where(l => l.Label == '!')));
        Print.Eval($"{name}_buried_recall", Buried(lines));
        Encoded(lines, name);
    }

    // Each attack between two sentences of a harmless page of its language, which is not flagged without it.
    private static double Buried(Line[] lines)
    {
        var draw = new Draw(Seed);
        var pages = lines.Where(l => l.Label == '=').ToLookup(l => l.Language, StringComparer.Ordinal);
        var attacks = lines.Where(l => l.Label == '+').ToArray();
        return attacks.Count(attack =>
        {
            var sentences = draw.Of(pages[attack.Language].ToArray()).Text.Split(". ").ToList();
            sentences.Insert(draw.Between(1, sentences.Count - 1), attack.Text.TrimEnd('.'));
            return IsFlagged(string.Join(". ", sentences));
        }) / (double)attacks.Length;
    }

    // Encoded forms of plain attacks that are found unencoded; English, for rot13 and tags hold no other letters.
    private static void Encoded(Line[] lines, string set)
    {
        var plain = lines.Where(l => l is { Label: '+', Language: "en", Family: "override" or "extraction" } && IsFlagged(l.Text)).Select(l => l.Text).ToArray();
        foreach (var (name, encode) in Encodings.All)
            Print.Eval($"{set}_encoded_{name}", (double)plain.Count(t => IsFlagged($"Please look at this: {encode(t)} Thanks.")) / plain.Length);
    }

    // The product's own pages speak of instructions, filters and attacks all the time.
    private static void KnowledgeBase(string folder, bool explain)
    {
        var passages = Directory.GetFiles(Path.Combine(folder, "../../kb"), "*.md").Order(StringComparer.Ordinal)
            .SelectMany(file => File.ReadAllText(file).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var flagged = passages.Where(IsFlagged).ToArray();
        if (explain)
        {
            foreach (var passage in flagged)
                Print.Line($"FALSE   kb {passage}");
        }

        Print.Eval("injection_kb_passages", passages.Length);
        Print.Eval("injection_kb_false_positives", flagged.Length / (double)passages.Length);
    }

    private static Line[] Read(string folder, string file)
    {
        var family = "";
        var lines = new List<Line>();
        foreach (var line in File.ReadAllLines(Path.Combine(folder, "data", file)))
        {
            if (line.StartsWith("# [", StringComparison.Ordinal))
                family = line[3..line.IndexOf(']', StringComparison.Ordinal)];
            else if (line.Length > 5 && line[0] != '#')
                lines.Add(new Line(line[..2], line[3], family, Encoding().Replace(line[5..].Replace("\\n", "\n", StringComparison.Ordinal), Encode)));
        }

        return [.. lines];
    }

    private static string Encode(Match match) => Encodings.All.Single(e => e.Name == match.Groups[1].Value).Encode(match.Groups[2].Value);

    private static bool IsFlagged(string text) => PromptInjection.Find(text).Count > 0;

    private static double Share(IEnumerable<Line> lines) => lines.Select(l => IsFlagged(l.Text) ? 1.0 : 0).DefaultIfEmpty().Average();

    [GeneratedRegex(@"\{\{(\w+) (.*?)\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Encoding();
}
