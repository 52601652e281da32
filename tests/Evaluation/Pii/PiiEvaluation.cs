using System.Text.Json.Nodes;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Pii;

/// <summary>Personal data: recall and precision by type on generated texts, near misses, and the two npm peers on the same texts.</summary>
internal static class PiiEvaluation
{
    private const int TextsPerKind = 120;
    private const int NearMisses = 8000;
    private const int Seed = 20261122;

    public static void Run(string folder)
    {
        var samples = Samples();
        var ours = samples.Select(s => Spans(s.Text)).ToArray();
        var overall = new Tally();
        var types = Kind.All.Select(k => k.Type).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var type in types)
        {
            var tally = Count(samples, ours, type, [type]);
            overall.Add(tally);
            Print.Line($"pii {type,-22} precision {tally.Precision:F4} recall {tally.Recall:F4} f1 {tally.F1:F4} n {tally.Truths}");
        }

        Print.Eval("pii_texts", samples.Length);
        Print.Eval("pii_recall", overall.Recall);
        Print.Eval("pii_precision", overall.Precision);
        Print.Eval("pii_f1", overall.F1);
        RunNearMisses();
        HandWritten(Path.Combine(folder, "data", "pii.txt"));
        // The peers get the near misses, too: a detector that reports everything finds everything.
        var draw = new Draw(Seed + 2);
        samples = [.. samples, .. Enumerable.Range(0, NearMisses / 4).Select(_ => new Sample(TextMaker.NearMiss(draw).Text, []))];
        Peers.Compare(Path.Combine(folder, "peers"), samples, [.. samples.Select(s => Spans(s.Text))]);
    }

    /// <summary>Examples of what goes wrong, for whoever sharpens the check.</summary>
    public static void Explain(int most)
    {
        var samples = Samples();
        foreach (var sample in samples)
        {
            var found = Spans(sample.Text);
            foreach (var truth in sample.Truths.Where(t => !found.Any(f => f.Type == t.Type && f.Start == t.Start && f.End == t.End)))
            {
                Print.Line($"MISS {truth.Type}: «{sample.Text[truth.Start..truth.End]}» in «{sample.Text.Replace("\n", "⏎", StringComparison.Ordinal)}» got {string.Join(' ', found.Select(f => f.Type + ":" + sample.Text[f.Start..f.End]))}");
                if (--most == 0)
                    return;
            }

            foreach (var extra in found.Where(f => !IsSoft(f.Type) && !sample.Truths.Any(t => t.Type == f.Type && t.Start < f.End && f.Start < t.End)))
            {
                Print.Line($"EXTRA {extra.Type}: «{sample.Text[extra.Start..extra.End]}» in «{sample.Text.Replace("\n", "⏎", StringComparison.Ordinal)}»");
                if (--most == 0)
                    return;
            }
        }

        var draw = new Draw(Seed + 1);
        for (var i = 0; i < NearMisses; i++)
        {
            var (kind, text) = TextMaker.NearMiss(draw);
            foreach (var finding in PersonalData.Find(text).Where(f => !IsSoft(f.Type)))
            {
                Print.Line($"NEAR {kind}: {finding.Type} «{text[finding.Start..finding.End]}» in «{text}»");
                if (--most <= 0)
                    return;
            }
        }
    }

    private static Sample[] Samples()
    {
        var draw = new Draw(Seed);
        return [.. Kind.All.SelectMany(kind => Enumerable.Range(0, TextsPerKind).Select(_ => TextMaker.Positive(draw, kind)))];
    }

    private static Truth[] Spans(string text) => [.. PersonalData.Find(text).Select(f => new Truth(f.Type, f.Start, f.End))];

    private static bool IsSoft(string type) => type is "person_name" or "place" || type.StartsWith("art9_", StringComparison.Ordinal);

    /// <summary>Our spans must be exact; of an address half is enough, for where one ends is a matter of taste.</summary>
    public static Tally Count(Sample[] samples, Truth[][] found, string truth, string[] accepted, bool exact = true)
    {
        var tally = new Tally();
        for (var i = 0; i < samples.Length; i++)
        {
            var truths = samples[i].Truths.Where(t => t.Type == truth).ToArray();
            var findings = found[i].Where(f => accepted.Contains(f.Type)).ToArray();
            tally.Truths += truths.Length;
            tally.Found += truths.Count(t => findings.Any(f => Same(t, f, exact && truth != "postal_address")));
            // A peer's one type may cover several of ours ("phone"): what stands on any listed value isn't counted against it.
            tally.Reported += findings.Length;
            tally.Right += findings.Count(f => (exact ? truths : [.. samples[i].Truths]).Any(t => Same(t, f, exact && truth != "postal_address")));
        }

        return tally;
    }

    private static bool Same(Truth truth, Truth finding, bool exact)
    {
        if (exact)
            return truth.Start == finding.Start && truth.End == finding.End;
        var shared = Math.Min(truth.End, finding.End) - Math.Max(truth.Start, finding.Start);
        return shared * 2 >= truth.End - truth.Start;
    }

    private static void RunNearMisses()
    {
        var draw = new Draw(Seed + 1);
        var byKind = new SortedDictionary<string, (int Texts, int Reported)>(StringComparer.Ordinal);
        var reported = 0;
        for (var i = 0; i < NearMisses; i++)
        {
            var (kind, text) = TextMaker.NearMiss(draw);
            kind = kind.Split(' ')[0];
            var hit = PersonalData.Find(text).Any(f => !IsSoft(f.Type));
            reported += hit ? 1 : 0;
            var (texts, hits) = byKind.GetValueOrDefault(kind);
            byKind[kind] = (texts + 1, hits + (hit ? 1 : 0));
        }

        foreach (var (kind, (texts, hits)) in byKind)
            Print.Line($"near miss {kind,-16} reported {(double)hits / texts:P2} of {texts}");
        Print.Eval("pii_near_miss_texts", NearMisses);
        Print.Eval("pii_near_miss_reported", (double)reported / NearMisses);
    }

    // Lines of "text ⟦type value⟧ text": names, places and special categories that no generator should write.
    private static void HandWritten(string file)
    {
        if (!File.Exists(file))
            return;
        var samples = File.ReadAllLines(file).Where(l => l.Length > 0 && l[0] != '#').Select(Marked).ToArray();
        var found = samples.Select(s => Spans(s.Text)).ToArray();
        var overall = new Tally();
        foreach (var type in samples.SelectMany(s => s.Truths).Select(t => t.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var tally = Count(samples, found, type, [type]);
            overall.Add(tally);
            Print.Line($"hand {type,-22} precision {tally.Precision:F4} recall {tally.Recall:F4} f1 {tally.F1:F4} n {tally.Truths}");
        }

        Print.Eval("pii_hand_texts", samples.Length);
        Print.Eval("pii_hand_recall", overall.Recall);
        Print.Eval("pii_hand_precision", overall.Precision);
    }

    private static Sample Marked(string line)
    {
        var text = "";
        var truths = new List<Truth>();
        while (line.IndexOf('⟦', StringComparison.Ordinal) is var open && open >= 0)
        {
            var close = line.IndexOf('⟧', StringComparison.Ordinal);
            text += line[..open];
            var parts = line[(open + 1)..close].Split(' ', 2);
            truths.Add(new Truth(parts[0], text.Length, text.Length + parts[1].Length));
            text += parts[1];
            line = line[(close + 1)..];
        }

        return new Sample(text + line, truths);
    }
}

internal sealed class Tally
{
    public int Truths { get; set; }

    public int Found { get; set; }

    public int Reported { get; set; }

    public int Right { get; set; }

    public double Recall => Truths == 0 ? 1 : (double)Found / Truths;

    public double Precision => Reported == 0 ? 1 : (double)Right / Reported;

    public double F1 => Recall + Precision == 0 ? 0 : 2 * Recall * Precision / (Recall + Precision);

    public void Add(Tally other)
    {
        Truths += other.Truths;
        Found += other.Found;
        Reported += other.Reported;
        Right += other.Right;
    }
}
