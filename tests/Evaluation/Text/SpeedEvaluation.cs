using System.Diagnostics;
using System.Text;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Evaluation.Text;

/// <summary>What the checks cost: on ordinary prose and one small prompt (speed), and on hostile input (growth).</summary>
internal static class SpeedEvaluation
{
    private const int Megabyte = 1 << 20;

    // From 256 KB to 4 MB: below, what a check writes still fits the processor's caches, and growing out of them looks like growth of the work.
    private const int Doublings = 4;
    private const int MegabyteStep = 2;
    private const int SourceCount = 8;
    private const int SourceLength = 2000;

    // More than any run allocates.
    private const long RoomWithoutCollection = 600L << 20;

    // Below this a check allocates nothing that grows.
    private const double Noise = 4096;

    /// <param name="folder">tests/Evaluation, for its prose; the pages of kb/ stand for texts full of articles, dates and lists.</param>
    public static void Run(string folder)
    {
        Measure("", OrdinaryProse(Path.Combine(folder, "data", "prose.txt")));
        Measure("legal_", string.Concat(Directory.EnumerateFiles(Path.Combine(folder, "../../kb"), "*.md").Order(StringComparer.Ordinal).Select(File.ReadAllText)));
    }

    private static void Measure(string kind, string prose)
    {
        // The prompt first: after thousands of runs a build that compiles while it runs has compiled all this as well as it can.
        var prompt = prose[..2048];
        Print.Eval($"{kind}pre_check_2kb_us", Fastest(() => TurnChecks.Before(prompt), 20_000) * 1e6);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            TurnChecks.Before(prompt);
        Print.Eval($"{kind}pre_check_2kb_bytes_allocated", (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0);

        Fastest(() => Bias.Find(prompt), 20_000);
        var text = string.Concat(Enumerable.Repeat(prose, (Megabyte / prose.Length) + 1))[..Megabyte];
        Print.Eval($"{kind}pre_check_mb_per_s", Throughput(text, () => TurnChecks.Before(text)));
        Print.Eval($"{kind}pii_mb_per_s", Throughput(text, () => PersonalData.Find(text)));
        Print.Eval($"{kind}injection_mb_per_s", Throughput(text, () => PromptInjection.Find(text)));
        Print.Eval($"{kind}bias_mb_per_s", Throughput(text, () => Bias.Find(text)));
    }

    /// <summary>
    /// Every check by itself on every hostile text, doubled from 256 KB to 4 MB; the exponent is that of the median doubling: 1 is linear, 2
    /// quadratic. A neighbour who wakes up between two lengths spoils one doubling of four; growth that is in the check is in all of them. Two
    /// things are counted that a neighbour on the machine changes little or not at all: processor time, of each length that of the fastest of
    /// several runs, and bytes allocated. No garbage is collected meanwhile: what a collection costs hangs on what else is alive.
    /// </summary>
    public static void Growth()
    {
        (string Name, Action<string> Run)[] checks =
        [
            ("pii", t => PersonalData.Find(t)), ("injection", t => PromptInjection.Find(t)), ("bias", t => Bias.Find(t)),
            ("grounding", t => Grounding.Assess(t, [])), ("grounding_sources", t => Grounding.Assess(t, Sources(t))), ("statements", StreamStatements),
        ];
        var worst = checks.ToDictionary(c => c.Name, _ => (Time: 0.0, Bytes: 0.0, Slowest: 0.0), StringComparer.Ordinal);
        foreach (var (name, make) in Hostile.All)
        {
            foreach (var (check, run) in checks)
            {
                var steps = Enumerable.Range(0, Doublings + 1).Select(step => make((Megabyte >> MegabyteStep) << step)).ToArray();
                var times = steps.Select((text, step) => LeastWork(() => run(text), 5 + (Doublings - step))).ToArray();
                var bytes = steps.Select(text => Allocated(() => run(text))).ToArray();
                var (time, allocated) = (Exponent(times), bytes[0] > Noise ? Exponent(bytes) : 0);
                var before = worst[check];
                worst[check] = (Math.Max(before.Time, time), Math.Max(before.Bytes, allocated), Math.Max(before.Slowest, times[MegabyteStep]));
                Print.Line($"hostile {name,-16} {check,-17} exponent {time:F2}, of bytes {allocated:F2}; doublings "
                    + $"{string.Join(' ', times.Skip(1).Select((t, i) => $"{t / times[i]:F1}"))}; 1 MB in {times[MegabyteStep] * 1000:F1} ms");
            }
        }

        foreach (var (check, (time, bytes, slowest)) in worst)
        {
            Print.Eval($"hostile_exponent_{check}", time);
            Print.Eval($"hostile_exponent_of_bytes_{check}", bytes);
            Print.Eval($"hostile_slowest_megabyte_ms_{check}", slowest * 1000);
        }
    }

    // As many and as long passages as a turn has, each the beginning of the text itself, so that every term of the answer is followed.
    private static Passage[] Sources(string text) =>
        [.. Enumerable.Range(0, SourceCount).Select(i => new Passage($"s#{i}", "s", "S", "", i, text[..SourceLength], 1, false))];

    private static double Exponent(double[] values)
    {
        var doublings = values.Skip(1).Select((value, i) => Math.Log2(value / values[i])).Order().ToArray();
        return (doublings[(doublings.Length - 1) / 2] + doublings[doublings.Length / 2]) / 2;
    }

    private static double Allocated(Action check)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        check();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // As a model writes: a few characters at a time.
    private static void StreamStatements(string text)
    {
        var growing = new GrowingStatements();
        for (var at = 0; at < text.Length; at += 4)
            growing.Append(text.AsSpan(at, Math.Min(4, text.Length - at)));
        growing.End();
    }

    // Five languages, letters and notices and manuals; the first line says what the file is.
    private static string OrdinaryProse(string file) => string.Join('\n', File.ReadLines(file).Skip(1));

    // Megabytes of UTF-8 a second of a core's time, as a reader of "2 KB prompt" counts them.
    private static double Throughput(string text, Action check) => Encoding.UTF8.GetByteCount(text) / 1e6 / LeastWork(check, 12);

    private static double LeastWork(Action check, int times)
    {
        var best = double.MaxValue;
        for (var i = 0; i < times; i++)
        {
            if (!GC.TryStartNoGCRegion(RoomWithoutCollection))
                throw new InvalidOperationException($"There is no room for {RoomWithoutCollection >> 20} MB without a garbage collection; free memory and run again.");
            var start = Environment.CpuUsage.TotalTime;
            check();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
            GC.EndNoGCRegion();
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
