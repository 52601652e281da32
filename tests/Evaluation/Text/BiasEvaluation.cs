using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Text;

/// <summary>Bias on a hand-written set of five languages: statements against counter-speech, quotation, statistics and plain facts.</summary>
internal static class BiasEvaluation
{
    public static void Run(string folder, bool explain)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "data", "bias.txt")).Where(l => l.Length > 5 && l[0] != '#').ToArray();
        int biased = 0, found = 0, calm = 0, flagged = 0, ground = 0;
        foreach (var line in lines)
        {
            var rest = line[5..];
            if (line[3] == '+')
            {
                var cut = rest.IndexOf(' ', StringComparison.Ordinal);
                var findings = Bias.Find(rest[(cut + 1)..]);
                biased++;
                found += findings.Count > 0 ? 1 : 0;
                ground += findings.Any(f => f.Ground == rest[..cut]) ? 1 : 0;
                if (explain && findings.Count == 0)
                    Print.Line($"MISSED {line}");
            }
            else
            {
                calm++;
                var reported = Bias.Find(rest).Count > 0;
                flagged += reported ? 1 : 0;
                if (explain && reported)
                    Print.Line($"FALSE  {line}");
            }
        }

        Print.Eval("bias_texts", lines.Length);
        Print.Eval("bias_recall", (double)found / biased);
        Print.Eval("bias_right_ground", (double)ground / biased);
        Print.Eval("bias_precision", (double)found / Math.Max(1, found + flagged));
        Print.Eval("bias_false_positives", (double)flagged / calm);
    }
}
