using System.Globalization;
using System.Net;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Monitoring;

namespace LexCustis.Features.Dossier;

/// <summary>The page to begin with: readable alone, printable, without a script or anything from elsewhere.</summary>
internal static class DossierReadme
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #ccc; }
        table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #e5e5e5; }
        .missing, .bad { color: #a40000; font-weight: 600; } .attested { color: #7a5a00; } .automated, .good { color: #0a6b2d; }
        code { font-size: .85em; overflow-wrap: anywhere; } svg { width: 100%; height: auto; } figcaption { font-size: .85rem; color: #555; } figure { margin: 1rem 0; }
        @media print { body { margin: 0; max-width: none; font-size: 11pt; } h2 { break-after: avoid; } tr, figure { break-inside: avoid; } }
        """;

    public static string Write(PreparedDossier dossier)
    {
        var range = dossier.Range;
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>Dossier: {Text(range.Name)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>Dossier: {Text(range.Name)}</h1>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p>From {Time(range.From)} to {Time(range.To)} (exclusive). Organization <code>{range.Organization}</code>, LexCustis {Product.Version}.</p>\n");
        page.Append("<p>Evidence for the technical documentation of Annex IV of Regulation (EU) 2024/1689 and for those who oversee and audit the system. It supports the organization's ");
        page.Append("duties and does not discharge them: it is no conformity assessment (Art. 43) and no statement that the organization complies. ");
        page.Append("A tamper-evident log is this product's own addition: Art. 12 asks for automatic logging.</p>\n");
        page.Append(range.WithContent
            ? "<p class=\"bad\">This dossier contains what people typed and what the model answered. Handle it as personal data.</p>\n"
            : "<p>What people typed and what the model answered is left out.</p>\n");
        AppendSummary(page, dossier);
        AppendCard(page, dossier.Card);
        AppendTurns(page, dossier.Monitoring);
        AppendOversight(page, dossier.Oversight);
        AppendIncidents(page, dossier.Incidents);
        AppendFiles(page, range);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendSummary(StringBuilder page, PreparedDossier dossier)
    {
        var (range, report) = (dossier.Range, dossier.Verification);
        page.Append("<h2>In short</h2>\n<table>\n");
        Row(page, "Entries of the log", range.Entries == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{range.Entries}, sequence {range.First} to {range.Last}"));
        page.Append("<tr><th>Verification of the whole log</th><td>");
        page.Append(report.Valid ? "<span class=\"good\">clean</span>" : "<span class=\"bad\">not clean</span>");
        foreach (var finding in report.Findings)
            page.Append(CultureInfo.InvariantCulture, $"<br>{Text(finding.Verdict)}: {finding.Count}, first at sequence {finding.FirstSequence}");
        page.Append("</td></tr>\n");
        page.Append(CultureInfo.InvariantCulture, $"<tr><th>Signed root</th><td>{dossier.Checkpoint.Size} entries, <code>{Convert.ToBase64String(dossier.Checkpoint.Root)}</code></td></tr>\n");
        Row(page, "Sections of Annex IV", string.Create(CultureInfo.InvariantCulture,
            $"{dossier.Card.Coverage.Automated} automated, {dossier.Card.Coverage.Attested} attested, {dossier.Card.Coverage.Missing} missing"));
        Row(page, "Model", $"{dossier.Facts.Model} ({dossier.Facts.Provider}), data region {dossier.Facts.DataRegion}");
        page.Append("</table>\n");
    }

    private static void AppendCard(StringBuilder page, SystemCard card)
    {
        page.Append("<h2>Annex IV</h2>\n<p><span class=\"automated\">automated</span>: the product derives it. <span class=\"attested\">attested</span>: the organization states it. ");
        page.Append("<span class=\"missing\">missing</span>: something that Annex IV asks for is neither.</p>\n<table>\n<tr><th>Section</th><th>Coverage</th><th>Missing</th></tr>\n");
        foreach (var section in card.Sections)
        {
            var missing = string.Join("; ", section.Elements.Where(static element => element.Coverage == SystemCard.Missing).Select(static element => element.Name));
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"annex-iv/{section.Section:00}.md\">{section.Section}. {Text(section.Title)}</a></td><td class=\"{section.Coverage}\">{section.Coverage}</td><td>{Text(missing)}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void AppendTurns(StringBuilder page, MonitoringReport monitoring)
    {
        var totals = monitoring.Totals;
        page.Append("<h2>Use</h2>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p>From {monitoring.From:yyyy-MM-dd} to {monitoring.To:yyyy-MM-dd}, whole days (UTC): {totals.Turns} turns, of which {totals.Flagged} were flagged; ");
        page.Append(CultureInfo.InvariantCulture, $"{totals.Refusals.Budget + totals.Refusals.RateLimit + totals.Refusals.Suspended} were refused before they began.</p>\n");
        if (totals.Turns == 0)
            return;

        page.Append(BarChart.Write("Turns", BarChart.Group(monitoring.Days)));
        page.Append(BarChart.Write("Turns by flag", [
            new("personal data", totals.Flags.Pii, 0), new("injection", totals.Flags.Injection, 0), new("bias", totals.Flags.Bias, 0), new("low confidence", totals.Flags.LowConfidence, 0)]));
        page.Append(BarChart.Write("Turns by confidence", [.. totals.Confidence.Histogram.Select(static (count, bin) => new Bar($"0.{bin}", count, 0))]));
        page.Append("<table>\n<tr><th>Drift against the time before</th><th>Now</th><th>Before</th><th>Result</th></tr>\n");
        foreach (var test in monitoring.Drift.Tests)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(test.Kind)}</td><td>{test.Current:0.####}</td><td>{test.Previous:0.####}</td><td>{Text(test.Result.Replace('_', ' '))}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void AppendOversight(StringBuilder page, OversightCounts oversight)
    {
        page.Append("<h2>Human oversight</h2>\n<table>\n");
        Row(page, "Approved", oversight.Approved);
        Row(page, "Overridden with a corrected answer", oversight.Overridden);
        Row(page, "Escalated to an incident", oversight.Escalated);
        Row(page, "Dismissed", oversight.Dismissed);
        Row(page, "Flagged and not decided on", oversight.Pending);
        Row(page, "Suspensions of the assistant", oversight.Suspensions);
        page.Append("</table>\n");
        if (oversight.Decisions + oversight.Pending > 0)
        {
            page.Append(BarChart.Write("Flagged turns", [
                new("approved", oversight.Approved, 0), new("overridden", oversight.Overridden, 0), new("escalated", oversight.Escalated, 0),
                new("dismissed", oversight.Dismissed, 0), new("undecided", oversight.Pending, oversight.Pending)]));
        }
    }

    private static void AppendIncidents(StringBuilder page, IReadOnlyList<DossierIncident> incidents)
    {
        page.Append("<h2>Incidents</h2>\n");
        if (incidents.Count == 0)
        {
            page.Append("<p>None were open or touched in this time.</p>\n");
            return;
        }

        page.Append("<table>\n<tr><th>Incident</th><th>Kind</th><th>Status</th><th>Known since</th><th>Deadline (Art. 73)</th></tr>\n");
        foreach (var incident in incidents)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{(incident.Words is var (title, _) ? $"{Text(title)}<br>" : "")}<code>{incident.Id}</code></td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{Text(incident.Severity)}, {Text(incident.Category)}</td><td>{Text(incident.Status)}</td><td>{Text(incident.AwareAt)}</td><td>{Text(incident.Deadline)}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void AppendFiles(StringBuilder page, DossierRange range)
    {
        page.Append("<h2>Files</h2>\n<table>\n");
        Row(page, "annex-iv/", "the nine sections, each with what is derived, stated and missing");
        Row(page, "audit/entries.jsonl", "the log's entries as they were hashed");
        if (range.WithContent)
            Row(page, "audit/content.jsonl", "what was said, as far as it can still be read");
        Row(page, "audit/checkpoint.txt, audit/proofs/", "the signed root, and the proofs that lead from the entries to it");
        Row(page, "audit/verification.json", "what the server found when it recomputed its log");
        Row(page, "oversight.jsonl, incidents.jsonl", "decisions and suspensions, incidents with their history");
        Row(page, "monitoring.json, configuration.json", "figures by day; settings without secrets");
        Row(page, "manifest.json, manifest.sig", "every file's hash, signed");
        Row(page, "verify.py, VERIFY.md", "how to check all of it without trusting the server");
        page.Append("</table>\n");
    }

    private static void Row(StringBuilder page, string name, long value) => Row(page, name, value.ToString(CultureInfo.InvariantCulture));

    private static void Row(StringBuilder page, string name, string value) => page.Append(CultureInfo.InvariantCulture, $"<tr><th>{Text(name)}</th><td>{Text(value)}</td></tr>\n");

    private static string Time(DateTimeOffset time) => AuditEncoder.FormatTime(time);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
