using System.Globalization;

namespace LexCustis.Infrastructure.Web;

/// <summary>Times in requests. No other forms: 01/02/2026 is a day in January to one reader and in February to another.</summary>
internal static class Rfc3339
{
    private static readonly string[] Times = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <returns>A date (its first moment, UTC) or a time, which is UTC unless it says otherwise; null for anything else.</returns>
    public static DateTimeOffset? ReadDateOrTime(string text) => ReadDate(text) is { } date ? new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero)
        : DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    public static DateOnly? ReadDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>Where the moment itself matters: without <c>Z</c> or an offset nobody knows which one it is.</summary>
    public static DateTimeOffset? ReadMoment(string text) =>
        text.Length > 19 && (text[^1] is 'Z' || text[^6] is '+' or '-') ? ReadDateOrTime(text) : null;
}
