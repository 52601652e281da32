using System.Globalization;

namespace LexCustis.Bench;

/// <summary>Samples of one contender, printed as minimum, median and maximum.</summary>
internal sealed class Figures(string name, string unit)
{
    private readonly List<double> samples = [];

    public double Median
    {
        get
        {
            var sorted = samples.Order().ToList();
            var middle = sorted.Count / 2;
            return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    public void Add(double sample) => samples.Add(sample);

    public void Print() => Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name,-44} median {Median,10:N1} {unit}   (min {samples.Min():N1}, max {samples.Max():N1}, {samples.Count} rounds)"));
}
