using System.Globalization;
using System.Net;
using System.Text;
using LexCustis.Infrastructure.Monitoring;

namespace LexCustis.Features.Dossier;

/// <param name="Marked">The part of the value that stands out.</param>
internal sealed record Bar(string Label, long Value, long Marked);

/// <summary>Bars as inline SVG, with the figures as a text for those who cannot see them.</summary>
internal static class BarChart
{
    private const double Width = 720;
    private const double Height = 200;
    private const double Left = 48;
    private const double Bottom = 24;
    private const double Top = 12;

    /// <summary>Days one by one up to a quarter of a year, months beyond; those between without anything have a bar of zero.</summary>
    public static List<Bar> Group(IReadOnlyList<MonitoringDay> days)
    {
        var byMonth = days[^1].Day.DayNumber - days[0].Day.DayNumber > 92;
        var bars = new List<Bar>();
        var next = 0;
        for (var day = byMonth ? new DateOnly(days[0].Day.Year, days[0].Day.Month, 1) : days[0].Day; next < days.Count;)
        {
            var until = byMonth ? day.AddMonths(1) : day.AddDays(1);
            var (turns, flagged) = (0L, 0L);
            for (; next < days.Count && days[next].Day < until; next++)
                (turns, flagged) = (turns + days[next].Figures.Turns, flagged + days[next].Figures.Flagged);
            bars.Add(new Bar(day.ToString(byMonth ? "yyyy-MM" : "yyyy-MM-dd", CultureInfo.InvariantCulture), turns, flagged));
            day = until;
        }

        return bars;
    }

    public static string Write(string title, IReadOnlyList<Bar> bars)
    {
        var highest = Math.Max(1, bars.Max(static bar => bar.Value));
        var (step, plot) = ((Width - Left) / bars.Count, Height - Bottom - Top);
        var svg = new StringBuilder();
        var described = string.Join(", ", bars.Where(static bar => bar.Value > 0).Take(400).Select(static bar => string.Create(CultureInfo.InvariantCulture, $"{bar.Label}: {bar.Value}")));
        svg.Append(CultureInfo.InvariantCulture, $"<figure>\n<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode($"{title}. {described}")}\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Top + 4}\" font-size=\"11\" text-anchor=\"end\">{highest}</text><text x=\"{Left - 6}\" y=\"{Height - Bottom}\" font-size=\"11\" text-anchor=\"end\">0</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Top}V{Height - Bottom}H{Width}\" fill=\"none\" stroke=\"#888\"/>\n");
        for (var index = 0; index < bars.Count; index++)
        {
            var x = Left + (index * step) + (step * 0.1);
            AppendBar(svg, x, step * 0.8, plot * bars[index].Value / highest, "#6b8fb5");
            AppendBar(svg, x, step * 0.8, plot * bars[index].Marked / highest, "#a40000");
        }

        // As many labels as there is room for.
        var every = Math.Max(1, (int)Math.Ceiling(72 / step));
        for (var index = 0; index < bars.Count; index += every)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left + ((index + 0.5) * step):0.#}\" y=\"{Height - 8}\" font-size=\"11\" text-anchor=\"middle\">{WebUtility.HtmlEncode(bars[index].Label)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"</svg>\n<figcaption>{WebUtility.HtmlEncode(title)}{(bars.Any(static bar => bar.Marked > 0) ? "; red: flagged" : "")}</figcaption>\n</figure>\n");
        return svg.ToString();
    }

    private static void AppendBar(StringBuilder svg, double x, double width, double height, string color)
    {
        if (height > 0)
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{Height - Bottom - height:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{color}\"/>\n");
    }
}
