using System.Globalization;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

public sealed class ExportLogTests(SharedServer shared)
{
    [Fact]
    public async Task A_line_is_the_entry_s_exact_text_and_its_hashes()
    {
        var admin = await Api.RegisterAsync(shared.Server, "Quote \\\" and, comma 🧾");
        await admin.ChatAsync("How long must providers keep logs?");

        var export = await admin.GetAsync("/api/audit/export?format=jsonl");

        Assert.Equal("application/jsonl", export.MediaType);
        Assert.EndsWith("\n", export.Text, StringComparison.Ordinal);
        var lines = export.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        foreach (var line in lines)
        {
            var row = JsonElement.Parse(line);
            Assert.Equal(["sequence", "body", "previous_hash", "entry_hash"], row.EnumerateObject().Select(static member => member.Name));
            var stored = await shared.Server.Database.ScalarAsync<string>($"""
                SELECT body || ' ' || encode(previous_hash, 'hex') || ' ' || encode(entry_hash, 'hex') FROM audit_logs
                WHERE organization_id = '{admin.OrganizationId}' AND sequence = {row.GetProperty("sequence").GetInt64()}
                """);
            Assert.Equal(stored, $"{row.GetProperty("body").GetString()} {row.GetProperty("previous_hash").GetString()} {row.GetProperty("entry_hash").GetString()}");
        }
    }

    [Fact]
    public async Task A_table_has_the_same_rows_for_a_spreadsheet()
    {
        var admin = await Api.RegisterAsync(shared.Server, "Quote \\\" and, comma 🧾");
        var export = await admin.GetAsync("/api/audit/export?format=csv");

        Assert.Equal("text/csv", export.MediaType);
        var lines = export.Text.Split("\r\n");
        Assert.Equal(["sequence,id,created_at,event_type,user_id,body,previous_hash,entry_hash", ""], [lines[0], lines[^1]]);
        var row = await shared.Server.Database.ScalarAsync<string>($"""
            SELECT sequence || ',' || id || ',' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ',' || event_type || ',' || user_id
                || ',"' || replace(body, '"', '""') || '",' || encode(previous_hash, 'hex') || ',' || encode(entry_hash, 'hex')
            FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence = 1
            """);
        Assert.Equal(row, lines[1]);
    }

    [Theory]
    [InlineData("jsonl", 2_501)]
    [InlineData("csv", 1_000)]
    public async Task A_long_log_is_exported_whole(string format, int rows)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
            await Task.WhenAll(Enumerable.Range(2, rows - 1).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))));

        var lines = (await admin.GetAsync($"/api/audit/export?format={format}")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[(format == "csv" ? 1 : 0)..];

        Assert.Equal(Enumerable.Range(1, rows), lines.Select(line => format == "csv"
            ? int.Parse(line.AsSpan(0, line.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture)
            : JsonElement.Parse(line).GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task The_export_is_an_entry_that_the_next_one_has()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var first = await admin.GetAsync("/api/audit/export");
        Assert.DoesNotContain("audit.exported", first.Text, StringComparison.Ordinal);

        var entry = Assert.Single(await admin.ReadLogAsync("&event_type=audit.exported"));
        Assert.Equal("""{"format":"jsonl","rows":1}""", entry.GetProperty("data").GetRawText());
        var second = await admin.GetAsync("/api/audit/export?format=csv");
        Assert.Contains("audit.exported", second.Text, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("")]
    [InlineData("JSONL")]
    public async Task Another_format_is_refused_and_not_recorded(string format)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.GetAsync($"/api/audit/export?format={format}")).ProblemNames("format");
        Assert.Empty(await admin.ReadLogAsync("&event_type=audit.exported"));
    }
}
