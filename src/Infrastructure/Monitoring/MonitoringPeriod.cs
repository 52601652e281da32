namespace LexCustis.Infrastructure.Monitoring;

/// <summary>Whole days, UTC, both ends included.</summary>
internal sealed record MonitoringPeriod(DateOnly From, DateOnly To)
{
    public const int LongestDays = 1_100;

    public int Days => To.DayNumber - From.DayNumber + 1;

    /// <summary>The days before it, as many.</summary>
    public MonitoringPeriod Previous => new(From.AddDays(-Days), From.AddDays(-1));

    public bool Holds(DateOnly day) => day >= From && day <= To;
}
