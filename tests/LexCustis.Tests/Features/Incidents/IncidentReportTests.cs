using System.Net;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Incidents;

public sealed class IncidentReportTests(SharedServer shared)
{
    [Fact]
    public async Task A_draft_says_what_is_known_and_leaves_blank_what_is_not()
    {
        var admin = await Api.RegisterAsync(shared.Server, "Report & Sons");
        var turn = (await admin.ChatAsync("How long must providers keep logs?")).Frame("audit");
        var incident = (await admin.PostAsync("/api/incidents",
            $$"""{"title":"A death","description":"First line.\nSecond line.","severity":"serious_incident","category":"death","aware_at":"2026-02-20T10:00:00Z","audit_log_ids":["{{turn.Text("id")}}"]}""")).Json;
        var url = $"/api/incidents/{incident.Text("id")}";

        var markdown = await admin.GetAsync($"{url}/report");
        Assert.Equal((HttpStatusCode.OK, "text/markdown"), (markdown.Status, markdown.MediaType));
        string[] known =
            ["Report", "Sons", "A death", "First line.", "Second line.", "serious incident", "2026-02-20 10:00:00 UTC", "2026-03-02 10:00:00 UTC: 10 days, Art. 73(4)", "open, overdue",
                "extractive", turn.Text("id"), turn.Text("entry_hash"), "incident.reported"];
        Assert.All(known, text => Assert.Contains(text, markdown.Text, StringComparison.Ordinal));
        Assert.Contains("**Cause, as far as it is known**: _[to be filled in]_", markdown.Text, StringComparison.Ordinal);
        Assert.Contains("**Authority informed**: _[to be filled in]_", markdown.Text, StringComparison.Ordinal);

        var html = await admin.GetAsync($"{url}/report?format=html");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (html.Status, html.MediaType));
        Assert.All(known, text => Assert.Contains(text, html.Text, StringComparison.Ordinal));
        Assert.Contains("Report &amp; Sons", html.Text, StringComparison.Ordinal);
        Assert.Contains("@page", html.Text, StringComparison.Ordinal);
        // Its style is allowed by its hash, and nothing else that is written into a page.
        var style = SHA256.HashData(Encoding.UTF8.GetBytes(html.Text.Split("<style>")[1].Split("</style>")[0]));
        Assert.Contains($"style-src 'sha256-{Convert.ToBase64String(style)}';", html.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", html.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        // Readable alone: it asks for nothing from anywhere.
        Assert.All((string[])["<script", "src=", "href=", "url(", "@import"], outside => Assert.DoesNotContain(outside, html.Text, StringComparison.OrdinalIgnoreCase));
        // As many blanks in the one as in the other.
        Assert.Equal(markdown.Text.Split("[to be filled in]").Length, html.Text.Split("[to be filled in]").Length);

        await admin.PatchAsync(url, """{"status":"reported"}""");
        Assert.DoesNotContain("**Authority informed**: _[", (await admin.GetAsync($"{url}/report?format=md")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_reporter_writes_stays_text()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        const string Hostile = """# Heading\n- item\n1. one\n</td><script>alert(1)</script> [link](javascript:alert(1)) **bold** `code` ![x](http://x/) | table""";
        var id = (await admin.PostAsync("/api/incidents", $$"""{"title":"<b>*A*</b>","description":"{{Hostile}}"}""")).Json.Text("id");

        var html = (await admin.GetAsync($"/api/incidents/{id}/report?format=html")).Text;
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        var markdown = (await admin.GetAsync($"/api/incidents/{id}/report?format=md")).Text;
        Assert.Contains(@"**Title**: \<b\>\*A\*\</b\>", markdown, StringComparison.Ordinal);
        Assert.Contains("\n  \\- item", markdown, StringComparison.Ordinal);
        Assert.Contains("\n  1\\. one", markdown, StringComparison.Ordinal);
        Assert.Contains(@"\[link\](javascript:alert(1)) \*\*bold\*\* \`code\` !\[x\](http://x/) \| table", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_for_those_who_oversee_and_audit()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var auditor = await admin.AddUserAsync(shared.Server, "auditor");
        var stranger = await Api.RegisterAsync(shared.Server);
        var id = (await member.PostAsync("/api/incidents", """{"title":"Mine"}""")).Json.Text("id");
        (await member.GetAsync($"/api/incidents/{id}/report")).Problem(403);
        Assert.Equal(HttpStatusCode.OK, (await auditor.GetAsync($"/api/incidents/{id}/report")).Status);
        (await stranger.GetAsync($"/api/incidents/{id}/report")).Problem(404);
        (await admin.GetAsync($"/api/incidents/{id}/report?format=pdf")).ProblemNames("format");
    }
}
