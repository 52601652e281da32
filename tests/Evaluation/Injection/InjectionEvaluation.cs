using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Injection;

/// <summary>The whole injection check, rules and classifier together, on what it was not trained on.</summary>
internal static class InjectionEvaluation
{
    private const int Seed = 424242;

    private sealed record Line(string Language, char Label, string Text);

    public static void Run(string folder, bool explain)
    {
        var check = Read(folder, "injection-check.txt");
        Print.Line($"injection check set: recall {Share([.. check.Where(l => l.Label == '+')]):F3}, false positives {Share([.. check.Where(l => l.Label != '+')]):F3}");
        var lines = Read(folder, "injection-heldout.txt");
        foreach (var language in lines.GroupBy(l => l.Language, StringComparer.Ordinal))
        {
            var attacks = language.Where(l => l.Label == '+').ToArray();
            var calm = language.Where(l => l.Label != '+').ToArray();
            Print.Line($"injection {language.Key} recall {Share(attacks):F3} of {attacks.Length}, false positives {Share(calm):F3} of {calm.Length}");
        }

        if (explain)
        {
            foreach (var line in lines.Where(l => IsFlagged(l.Text) != (l.Label == '+')))
                Print.Line($"{(line.Label == '+' ? "MISSED " : "FALSE  ")} {line.Language} {line.Label} {line.Text}");
        }

        Print.Eval("injection_heldout_attacks", lines.Count(l => l.Label == '+'));
        Print.Eval("injection_recall", Share([.. lines.Where(l => l.Label == '+')]));
        Print.Eval("injection_ordinary_false_positives", Share([.. lines.Where(l => l.Label == '-')]));
        Print.Eval("injection_false_positives", Share([.. lines.Where(l => l.Label != '+')]));
        Print.Eval("injection_trigger_word_false_positives", Share([.. lines.Where(l => l.Label == '!')]));

        // Buried: an attack in the middle of a page of harmless sentences of the same language; and the page without it.
        var draw = new Draw(Seed);
        var calmByLanguage = lines.Where(l => l.Label != '+').ToLookup(l => l.Language, StringComparer.Ordinal);
        int found = 0, pages = 0, flaggedPages = 0;
        foreach (var attack in lines.Where(l => l.Label == '+'))
        {
            var sentences = Prose.All.First(t => t.Code == attack.Language).Plain.Concat(calmByLanguage[attack.Language].Where(l => l.Label == '-').Select(l => l.Text)).ToArray();
            var page = Enumerable.Range(0, 40).Select(_ => draw.Of(sentences)).ToList();
            flaggedPages += IsFlagged(string.Join(' ', page)) ? 1 : 0;
            page.Insert(draw.Between(5, 35), attack.Text);
            found += IsFlagged(string.Join(' ', page)) ? 1 : 0;
            pages++;
        }

        Print.Eval("injection_buried_recall", (double)found / pages);
        Print.Eval("injection_buried_false_positives", (double)flaggedPages / pages);

        // Encoded forms of plain English attacks.
        var plain = lines.Where(l => l is { Label: '+', Language: "en" } && IsFlagged(l.Text)).Select(l => l.Text).ToArray();
        foreach (var (name, encode) in Encodings.All)
            Print.Eval($"injection_encoded_{name}", (double)plain.Count(t => IsFlagged($"Please look at this: {encode(t)} Thanks.")) / plain.Length);
    }

    private static Line[] Read(string folder, string file) => [.. File.ReadAllLines(Path.Combine(folder, "data", file))
        .Where(l => l.Length > 5 && l[0] != '#').Select(l => new Line(l[..2], l[3], l[5..]))];

    private static bool IsFlagged(string text) => PromptInjection.Find(text).Count > 0;

    private static double Share(Line[] lines) => lines.Length == 0 ? 0 : (double)lines.Count(l => IsFlagged(l.Text)) / lines.Length;
}
