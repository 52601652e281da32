namespace LexCustis.Infrastructure.Monitoring;

/// <summary>Whether a period differs from the one before it by more than chance would explain. Plain tests, named with their values.</summary>
internal static class Drift
{
    public const string Drifted = "drift";
    public const string NoDrift = "no_drift";
    public const string TooFewTurns = "too_few_turns";

    public const string ProportionTest = "two_proportion_z";
    public const string DistributionTest = "kolmogorov_smirnov";

    /// <summary>Turns that each period needs.</summary>
    public const int MinimumTurns = 30;

    /// <summary>Occurrences that each cell of a two-by-two table should be expected to have for the normal distribution to fit.</summary>
    private const double MinimumExpected = 5;

    /// <summary>One chance in twenty that any of the eight tests calls chance drift, shared among them (Bonferroni).</summary>
    public const double Threshold = 0.05 / 8;

    public static List<DriftTest> Compare(TurnSums current, TurnSums previous)
    {
        return
        [
            Rate("flagged", current.Flagged, previous.Flagged),
            Rate("flag.pii", Flag(current, "pii"), Flag(previous, "pii")),
            Rate("flag.injection", Flag(current, "injection"), Flag(previous, "injection")),
            Rate("flag.bias", Flag(current, "bias"), Flag(previous, "bias")),
            Rate("flag.low_confidence", Flag(current, "low_confidence"), Flag(previous, "low_confidence")),
            Rate("unfinished", current.Unfinished, previous.Unfinished),
            Distribution("confidence", current.Confidence, previous.Confidence),
            Distribution("grounding", current.Grounding, previous.Grounding),
        ];

        DriftTest Rate(string kind, long now, long then)
        {
            var test = TwoProportions(now, current.Turns, then, previous.Turns);
            return Make(kind, ProportionTest, test, Share(now, current.Turns), Share(then, previous.Turns), current.Turns, previous.Turns);
        }
    }

    /// <summary>
    /// The two-proportion z test with the pooled share: z = (a/n − b/m) / √(p(1 − p)(1/n + 1/m)), p = (a + b)/(n + m); two-sided.
    /// </summary>
    /// <returns>Null with too few turns, or too few occurrences for the normal distribution to fit.</returns>
    public static (double Statistic, double PValue)? TwoProportions(long now, long turns, long then, long previousTurns)
    {
        if (turns < MinimumTurns || previousTurns < MinimumTurns)
            return null;
        // Nothing in either, or all in both: nothing differs, however rare it is.
        if (now + then == 0 || now + then == turns + previousTurns)
            return (0, 1);

        var pooled = (double)(now + then) / (turns + previousTurns);
        if (Math.Min(pooled, 1 - pooled) * Math.Min(turns, previousTurns) < MinimumExpected)
            return null;
        var error = Math.Sqrt(pooled * (1 - pooled) * ((1.0 / turns) + (1.0 / previousTurns)));
        var z = (((double)now / turns) - ((double)then / previousTurns)) / error;
        return (z, Erfc(Math.Abs(z) / Math.Sqrt(2)));
    }

    /// <summary>
    /// The two-sample Kolmogorov–Smirnov test: D, the greatest distance between the two cumulative distributions, with the asymptotic p value
    /// in Stephens's approximation, λ = (√e + 0.12 + 0.11/√e)·D, e = nm/(n + m). Values that occur repeatedly make it say drift less often.
    /// </summary>
    /// <returns>Null with too few values.</returns>
    public static (double Statistic, double PValue)? KolmogorovSmirnov(Tally current, Tally previous)
    {
        var (n, m) = (current.Count, previous.Count);
        if (n < MinimumTurns || m < MinimumTurns)
            return null;

        long below = 0, previousBelow = 0;
        var distance = 0.0;
        foreach (var value in current.Values.Keys.Union(previous.Values.Keys).Order())
        {
            below += current.Values.GetValueOrDefault(value);
            previousBelow += previous.Values.GetValueOrDefault(value);
            distance = Math.Max(distance, Math.Abs(((double)below / n) - ((double)previousBelow / m)));
        }

        var effective = Math.Sqrt((double)n * m / (n + m));
        return (distance, KolmogorovTail((effective + 0.12 + (0.11 / effective)) * distance));
    }

    /// <summary>1 − erf(x), for x ≥ 0, to about 14 digits: its Maclaurin series below 2, its continued fraction above.</summary>
    public static double Erfc(double x)
    {
        if (x < 2)
        {
            double sum = x, term = x;
            for (var k = 1; Math.Abs(term) > 1e-17 * sum; k++)
            {
                term *= -x * x / k;
                sum += term / ((2 * k) + 1);
                if (x == 0)
                    break;
            }

            return 1 - (2 / Math.Sqrt(Math.PI) * sum);
        }

        // erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), from the inside out.
        var fraction = x;
        for (var k = 120; k >= 1; k--)
            fraction = x + (k / 2.0 / fraction);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }

    /// <summary>Q(λ) = 2·Σ (−1)^(k−1)·e^(−2k²λ²), k = 1, 2, …</summary>
    private static double KolmogorovTail(double lambda)
    {
        // The sum converges slowly where it is 1 to all digits that matter.
        if (lambda < 0.2)
            return 1;
        var sum = 0.0;
        for (var k = 1; k <= 100; k++)
        {
            var term = Math.Exp(-2 * k * k * lambda * lambda);
            sum += k % 2 == 1 ? term : -term;
            if (term < 1e-16)
                break;
        }

        return Math.Clamp(2 * sum, 0, 1);
    }

    private static DriftTest Distribution(string kind, Tally current, Tally previous) => Make(
        kind, DistributionTest, KolmogorovSmirnov(current, previous), current.Median() / LogSums.ScoreScale, previous.Median() / LogSums.ScoreScale, current.Count, previous.Count);

    private static DriftTest Make(string kind, string statistic, (double Value, double PValue)? test, double? current, double? previous, long turns, long previousTurns) => new(
        kind, statistic, FourDigits(test?.Value), FourDigits(test?.PValue), FourDigits(current), FourDigits(previous), turns, previousTurns,
        test is not { } made ? TooFewTurns : made.PValue < Threshold ? Drifted : NoDrift);

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;

    private static long Flag(TurnSums sums, string flag) => sums.Flags.GetValueOrDefault(flag);

    /// <summary>Significant ones: a p value of 0.0000123 shall not become 0.</summary>
    private static double? FourDigits(double? value) => value is null ? null : double.Parse(value.Value.ToString("G4"));
}
