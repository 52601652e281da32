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

        Growth();
    }

    // Every check by itself on every hostile text, doubled from 64 KB to 1 MB. Processor time, of each length that of the fastest of several runs, so
    // that a neighbour on the machine weighs little; the exponent is the slope over all doublings: 1 is linear, 2 quadratic.
    private static void Growth()
    {
        (string Name, Action<string> Run)[] checks =
        [
            ("pii", t => PersonalData.Find(t)), ("injection", t => PromptInjection.Find(t)), ("bias", t => Bias.Find(t)),
            ("grounding", t => Grounding.Assess(t, [])), ("statements", StreamStatements),
        ];
        double worst = 0, slowest = 0;
        foreach (var (name, make) in Hostile.All)
        {
            foreach (var (check, run) in checks)
            {
                var times = new double[5];
                for (var step = 0; step < times.Length; step++)
                {
                    var text = make(Megabyte >> (times.Length - 1 - step));
                    times[step] = LeastWork(() => run(text), 3 + (1 << (times.Length - 1 - step)));
                }

                var exponent = Math.Log2(times[^1] / times[0]) / (times.Length - 1);
                worst = Math.Max(worst, exponent);
                slowest = Math.Max(slowest, times[^1]);
                Print.Line($"hostile {name,-16} {check,-10} exponent {exponent:F2}; doublings {string.Join(' ', times.Skip(1).Select((t, i) => $"{t / times[i]:F1}"))}; 1 MB in {times[^1] * 1000:F1} ms");
            }
        }

        Print.Eval("hostile_worst_exponent", worst);
        Print.Eval("hostile_slowest_megabyte_ms", slowest * 1000);
    }

    // As a model writes: a few characters at a time.
    private static void StreamStatements(string text)
    {
        var growing = new GrowingStatements();
        for (var at = 0; at < text.Length; at += 4)
            growing.Append(text.AsSpan(at, Math.Min(4, text.Length - at)));
        growing.End();
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

    private static double LeastWork(Action check, int times)
    {
        var best = double.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var start = Environment.CpuUsage.TotalTime;
            check();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
        }

        return best;
    }

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
