using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>How often each value occurred. Whole numbers throughout, so that sums come out the same in whatever order they are made.</summary>
internal sealed class Tally
{
    /// <summary>Occurrences by value.</summary>
    public Dictionary<int, long> Values { get; init; } = [];

    [JsonIgnore]
    public long Count => Values.Values.Sum();

    public void Add(int value, long times = 1) => Values[value] = Values.GetValueOrDefault(value) + times;

    public void Add(Tally other)
    {
        foreach (var (value, times) in other.Values)
            Add(value, times);
    }

    /// <summary>Ascending.</summary>
    public IEnumerable<KeyValuePair<int, long>> Sorted() => Values.OrderBy(static pair => pair.Key);

    public double? Mean() => Count is > 0 and var count ? (double)Values.Sum(static pair => pair.Key * pair.Value) / count : null;

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public double? Median() => Count is > 0 and var count ? (At((count - 1) / 2) + At(count / 2)) / 2.0 : null;

    /// <summary>The smallest value that at least this share of all values does not exceed (nearest rank).</summary>
    public int? Percentile(double share) => Count is > 0 and var count ? At(Math.Max(0, (long)Math.Ceiling(share * count) - 1)) : null;

    /// <summary>The value at a place in ascending order, from 0.</summary>
    private int At(long place)
    {
        foreach (var (value, times) in Sorted())
        {
            if ((place -= times) < 0)
                return value;
        }

        throw new ArgumentOutOfRangeException(nameof(place));
    }
}
