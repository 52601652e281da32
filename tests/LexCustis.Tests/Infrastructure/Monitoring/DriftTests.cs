using LexCustis.Infrastructure.Monitoring;

namespace LexCustis.Tests.Infrastructure.Monitoring;

/// <summary>Against values computed elsewhere: Python's math.erfc, and the formulas written out.</summary>
public sealed class DriftTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.4795001221869535)]
    [InlineData(1, 0.15729920705028513)]
    [InlineData(1.9, 0.0072095707647425325)]
    [InlineData(2, 0.004677734981047266)]
    [InlineData(2.1, 0.002979466656332984)]
    [InlineData(3, 2.2090496998585438e-05)]
    [InlineData(5, 1.5374597944280351e-12)]
    public void The_complementary_error_function(double x, double expected) => Assert.Equal(1, Drift.Erfc(x) / expected, 1e-11);

    [Theory]
    [InlineData(30, 100, 15, 100, 2.5400025400038095, 0.011085166380602722)]
    [InlineData(15, 100, 30, 100, -2.5400025400038095, 0.011085166380602722)]
    [InlineData(20, 200, 20, 200, 0, 1)]
    [InlineData(5, 50, 60, 400, -0.9482093118615208, 0.3430229075706994)]
    [InlineData(0, 30, 0, 30, 0, 1)]
    [InlineData(30, 30, 40, 40, 0, 1)]
    public void Two_proportions(long now, long turns, long then, long previousTurns, double z, double p)
    {
        var (statistic, probability) = Drift.TwoProportions(now, turns, then, previousTurns)!.Value;
        Assert.Equal(z, statistic, 1e-12);
        Assert.Equal(p, probability, 1e-12);
    }

    [Theory]
    [InlineData(10, 29, 10, 1000)]
    [InlineData(10, 1000, 10, 29)]
    [InlineData(0, 0, 0, 0)]
    // 2 of 130 turns: fewer than five expected in the smaller period.
    [InlineData(2, 100, 0, 30)]
    public void Too_few_for_two_proportions(long now, long turns, long then, long previousTurns) => Assert.Null(Drift.TwoProportions(now, turns, then, previousTurns));

    [Theory]
    [InlineData(40, 10, 40, 0.25, 0.1392522339398094)]
    [InlineData(30, 1000, 30, 1, 1.797254533934028e-14)]
    [InlineData(50, 0, 50, 0, 1)]
    public void Two_distributions(int count, int shift, int previousCount, double d, double p)
    {
        var (statistic, probability) = Drift.KolmogorovSmirnov(Range(0, count), Range(shift, previousCount))!.Value;
        Assert.Equal(d, statistic, 1e-12);
        Assert.Equal(p, probability, 1e-12);
    }

    [Fact]
    public void Too_few_for_two_distributions()
    {
        Assert.Null(Drift.KolmogorovSmirnov(Range(0, 29), Range(0, 1000)));
        Assert.Null(Drift.KolmogorovSmirnov(Range(0, 1000), new Tally()));
    }

    [Fact]
    public void A_comparison_names_every_test_and_what_came_of_it()
    {
        var current = new TurnSums { Turns = 100, Flagged = 40, Flags = { ["pii"] = 40 }, Confidence = Range(5000, 100), Outcomes = { ["completed"] = 97, ["timeout"] = 3 } };
        var previous = new TurnSums { Turns = 100, Flagged = 10, Flags = { ["pii"] = 10 }, Confidence = Range(5000, 100), Outcomes = { ["completed"] = 98, ["stopped"] = 2 } };

        var tests = Drift.Compare(current, previous);
        Assert.Equal(
            ["flagged drift", "flag.pii drift", "flag.injection no_drift", "flag.bias no_drift", "flag.low_confidence no_drift", "unfinished too_few_turns", "confidence no_drift", "grounding too_few_turns"],
            tests.Select(static test => $"{test.Kind} {test.Result}"));
        Assert.Equal((0.4, 0.1, "two_proportion_z", 100, 100), (tests[0].Current, tests[0].Previous, tests[0].Statistic, tests[0].Turns, tests[0].PreviousTurns));
        Assert.Equal(("kolmogorov_smirnov", 0.505, 0, 1), (tests[6].Statistic, tests[6].Current, tests[6].Value, tests[6].PValue));
        Assert.Equal((null, null, null, null), (tests[7].Value, tests[7].PValue, tests[7].Current, tests[7].Previous));
    }

    private static Tally Range(int first, int count)
    {
        var tally = new Tally();
        foreach (var value in Enumerable.Range(first, count))
            tally.Add(value);
        return tally;
    }
}
