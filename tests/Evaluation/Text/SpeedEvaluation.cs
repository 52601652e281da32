using System.Diagnostics;
using System.Text;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Text;

/// <summary>What the checks cost: throughput on ordinary prose, one small prompt, garbage, and growth on hostile input.</summary>
internal static class SpeedEvaluation
{
    private const int Megabyte = 1 << 20;

    public static void Run()
    {
        var prose = OrdinaryProse(Megabyte);
        Print.Eval("pre_check_mb_per_s", Throughput(prose, () => TurnChecks.Before(prose)));
        Print.Eval("pii_mb_per_s", Throughput(prose, () => PersonalData.Find(prose)));
        Print.Eval("injection_mb_per_s", Throughput(prose, () => PromptInjection.Find(prose)));
        Print.Eval("bias_mb_per_s", Throughput(prose, () => Bias.Find(prose)));

        var prompt = prose[..2048];
        Print.Eval("pre_check_2kb_us", Fastest(() => TurnChecks.Before(prompt), 2000) * 1e6);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            TurnChecks.Before(prompt);
        Print.Eval("pre_check_clean_bytes_allocated", (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0);

        double worst = 0;
        foreach (var (name, make) in Hostile.All)
        {
            var small = make(Megabyte / 4);
            var large = make(Megabyte);
            var one = Fastest(() => TurnChecks.Check(small), 3);
            var four = Fastest(() => TurnChecks.Check(large), 3);
            worst = Math.Max(worst, four / one);
            Print.Line($"hostile {name,-18} 1 MB in {four * 1000:F0} ms, {four / one:F1} times a quarter of it");
        }

        Print.Eval("hostile_worst_growth_for_4x", worst);
    }

    private static string OrdinaryProse(int length)
    {
        var draw = new Draw(99);
        var text = new StringBuilder(length + 200);
        while (text.Length < length)
            text.Append(draw.Of(Prose.All[draw.Below(5)].Plain)).Append(draw.Chance(0.2) ? '\n' : ' ');
        return text.ToString(0, length);
    }

    // Megabytes of UTF-8 a second, as a reader of "2 KB prompt" counts them.
    private static double Throughput(string text, Action check) => Encoding.UTF8.GetByteCount(text) / 1e6 / Fastest(check, 12);

    private static double Fastest(Action check, int times)
    {
        var best = double.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            check();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
