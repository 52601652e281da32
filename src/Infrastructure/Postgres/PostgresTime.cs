using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

internal static class PostgresTime
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long Earliest = (DateTimeOffset.MinValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long Latest = (DateTimeOffset.MaxValue - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// A <c>timestamptz</c> of a row that nobody vouches for. PostgreSQL knows times that .NET does not, infinity among them: such a one
    /// becomes the first or last time that there is, so that a tampered row is shown and named instead of stopping whoever reads it.
    /// </summary>
    public static DateTimeOffset GetTime(this NpgsqlDataReader row, int column) =>
        FromMicroseconds(row.GetFieldValue<long>(column));

    /// <summary>The same of the number that PostgreSQL sends: microseconds since the year 2000.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) => Epoch.AddTicks(Math.Clamp(microseconds, Earliest, Latest) * TimeSpan.TicksPerMicrosecond);
}
