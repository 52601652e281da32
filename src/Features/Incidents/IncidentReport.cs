using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using LexCustis.Infrastructure.Incidents;

namespace LexCustis.Features.Incidents;

/// <summary>
/// The draft of a report to a market surveillance authority, as Markdown and as a page that prints well. The two say the same: both are
/// written from the same list of sections. Nothing is made up: what is not known is a blank.
/// </summary>
internal sealed class IncidentReport
{
    private const string Style = """
        @page { size: A4; margin: 20mm; }
        body { font: 11pt/1.45 "Liberation Sans", Arial, sans-serif; color: #111; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 17pt; line-height: 1.2; } h2 { font-size: 13pt; margin-top: 1.8em; break-after: avoid; }
        .notice { border: 1px solid #888; padding: .6em .8em; }
        table { width: 100%; border-collapse: collapse; }
        th, td { border: 1px solid #bbb; padding: .4em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        th { width: 34%; font-weight: 600; background: #f4f4f4; } td { white-space: pre-wrap; }
        tr { break-inside: avoid; } .blank { color: #666; font-style: italic; min-height: 2.5em; }
        @media print { body { margin: 0; max-width: none; padding: 0; } th { background: none; } }
        """;

    /// <summary>What the page's Content-Security-Policy allows: its own style, by its hash, and nothing else that is written into a page.</summary>
    public static readonly string StyleSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    private const string Notice =
        "Draft, made from the incident register and the audit log. It is no report until a person has completed and checked it, and it is no legal advice. "
        + "A first report may be incomplete and be completed later (Art. 73(5)).";

    private readonly string title;
    private readonly List<Section> sections;

    public IncidentReport(
        string organization, Incident incident, DateTimeOffset now, IReadOnlyList<LinkedEntry> links, IReadOnlyList<IncidentEvidence> evidence, IReadOnlyList<IncidentEvent> history)
    {
        title = "Report of an incident under Art. 73 of Regulation (EU) 2024/1689";
        sections =
        [
            new("Who reports",
            [
                new("Organization", organization),
                new("Role (provider or deployer)", null),
                new("Address and contact person", null),
                new("Market surveillance authority (Member State where it happened)", null),
            ]),
            new("The AI system",
            [
                new("Software", $"LexCustis {Product.Version}"),
                new("Models of the linked turns", JoinOrNull(links.Where(static link => link.Model is not null)
                    .Select(static link => $"{link.Provider}: {link.Model}, data region {link.Region}").Distinct(StringComparer.Ordinal))),
                new("Intended purpose, and where the system is in use", null),
                new("Registration number in the EU database, if it has one", null),
            ]),
            new("The incident",
            [
                new("Reference in the register", incident.Id.ToString()),
                new("Title", incident.Title),
                new("What happened", incident.Description.Length == 0 ? null : incident.Description),
                new("Severity, as the organization judges it", Words(incident.Severity)),
                new("Kind of harm", Words(incident.Category)),
                new("Persons or property affected, and how", null),
                new("When and where it happened", null),
            ]),
            new("Times",
            [
                new("The organization became aware", Time(incident.AwareAt)),
                new("Report due at the latest", $"{Time(incident.Deadline)}: {IncidentCategory.DaysOf(incident.Category)} days, {IncidentCategory.ArticleOf(incident.Category)}"),
                new("Entered into the register", Time(incident.CreatedAt)),
                new("Authority informed", incident.AuthorityInformedAt is { } informed ? Time(informed) : null),
                new("Status", incident.IsOverdue(now) ? $"{incident.Status}, overdue" : incident.Status),
                new("Draft made", Time(now)),
            ]),
            new("Cause and measures",
            [
                new("Link between the system and the incident (established, or reasonably likely, and why)", null),
                new("Cause, as far as it is known", null),
                new("Risk assessment (Art. 73(6))", null),
                new("Corrective measures taken or planned (Art. 73(6))", null),
                new("Whom else was informed (provider, deployers, other authorities, persons concerned)", null),
            ]),
            new("Entries of the audit log that belong to it", links.Count == 0
                ? [new("Entries", null)]
                : [.. links.Select(static link => new Field($"Entry {link.Sequence}", $"{link.EventType}, {Time(link.At)}, id {link.Id}, entry hash {link.EntryHash}"))]),
            new("Evidence", evidence.Count == 0
                ? [new("Files", null)]
                : [.. evidence.Select(static file => new Field(file.Name, $"{file.Size.ToString(CultureInfo.InvariantCulture)} bytes, added {Time(file.AddedAt)}, SHA-256 {file.Sha256}"))]),
            new("History, from the audit log", [.. history.Select(static past => new Field($"Entry {past.Sequence}", Describe(past)))]),
        ];
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder().Append("# ").Append(title).Append("\n\n").Append("> ").Append(Notice).Append('\n');
        foreach (var section in sections)
        {
            text.Append("\n## ").Append(section.Heading).Append("\n\n");
            foreach (var field in section.Fields)
            {
                text.Append("- **").Append(EscapeMarkdown(field.Label)).Append("**: ");
                // Lines of a value stay within their item.
                text.Append(field.Value is null ? "_[to be filled in]_" : string.Join("  \n  ", field.Value.ReplaceLineEndings("\n").Split('\n').Select(EscapeMarkdown))).Append('\n');
            }
        }

        return text.ToString();
    }

    public string ToHtml()
    {
        var text = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Escape(title)}}</title>
            <style>{{Style}}</style>
            </head>
            <body>
            <h1>{{Escape(title)}}</h1>
            <p class="notice">{{Escape(Notice)}}</p>

            """);
        foreach (var section in sections)
        {
            text.Append("<h2>").Append(Escape(section.Heading)).Append("</h2>\n<table>\n");
            foreach (var field in section.Fields)
            {
                text.Append("<tr><th scope=\"row\">").Append(Escape(field.Label)).Append("</th>")
                    .Append(field.Value is null ? "<td class=\"blank\">[to be filled in]</td>" : $"<td>{Escape(field.Value)}</td>").Append("</tr>\n");
            }

            text.Append("</table>\n");
        }

        return text.Append("</body>\n</html>\n").ToString();
    }

    private static string Describe(IncidentEvent past)
    {
        var what = past.Data.TryGetProperty("reminder"u8, out var reminder) ? $"{past.EventType}, reminder {reminder.GetString()}"
            : past.Data.TryGetProperty("evidence"u8, out _) ? $"{past.EventType}, evidence added"
            : past.Data.TryGetProperty("to"u8, out var to) ? $"{past.EventType}, status {to.GetString()}"
            : past.EventType;
        return $"{what}, {Time(past.At)}";
    }

    private static string? JoinOrNull(IEnumerable<string> values) => string.Join("\n", values) is { Length: > 0 } joined ? joined : null;

    private static string Words(string term) => term.Replace('_', ' ');

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Escape(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>
    /// What a person wrote is text, whatever it looks like: a backslash stands before what Markdown would read as markup (CommonMark, 2.4), and
    /// before what would begin a list or underline a heading at the start of a line.
    /// </summary>
    private static string EscapeMarkdown(string line)
    {
        var escaped = new StringBuilder(line.Length + 8);
        var start = line.Length - line.TrimStart().Length;
        var marker = line.AsSpan(start).IndexOfAnyExceptInRange('0', '9') + start;
        for (var index = 0; index < line.Length; index++)
        {
            var begins = (index == start && line[index] is '-' or '+' or '=') || (index == marker && index > start && line[index] is '.' or ')');
            if (begins || "\\`*_{}[]<>#|~&".Contains(line[index], StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(line[index]);
        }

        return escaped.ToString();
    }

    private sealed record Section(string Heading, IReadOnlyList<Field> Fields);

    /// <param name="Value">Null: a blank.</param>
    private sealed record Field(string Label, string? Value);
}
