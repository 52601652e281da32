using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>
/// The attack table of the audit chain's format, as far as it needs no checkpoint, by someone who is PostgreSQL's superuser: each attack is
/// named by the API and by the command, with the first sequence and the count.
/// </summary>
public sealed class TamperTests(SharedServer shared)
{
    private const string NoDocuments = ""","use_documents":false""";

    [Fact]
    public async Task A_log_that_nobody_touched_is_clean()
    {
        var (admin, _) = await FillAsync();
        await AssertFoundAsync(admin, "");
    }

    // Sequence 1 is the registration, 2 to 4 are turns with content, 5 to 7 are plain events.
    [Theory]
    [InlineData("SET body = replace(body, 'completed', 'Completed') WHERE sequence = 3", "column_mismatch@3x1 hash_mismatch@3x1")]
    [InlineData("SET body = replace(body, '\"outcome\":\"completed\"', '\"outcome\":\"stopped\"') WHERE sequence IN (2, 4)", "hash_mismatch@2x2")]
    [InlineData("SET body = body || ' ' WHERE sequence = 6", "hash_mismatch@6x1")]
    [InlineData("SET body = 'no JSON at all' WHERE sequence = 6", "hash_mismatch@6x1")]
    [InlineData("SET body = '[]' WHERE sequence = 6", "hash_mismatch@6x1")]
    [InlineData("SET body = replace(body, '\"kid\":\"k1\"', '\"kid\":\"k7\"') WHERE sequence = 5", "unknown_key@5x1")]
    [InlineData("SET id = gen_random_uuid() WHERE sequence = 5", "column_mismatch@5x1")]
    [InlineData("SET created_at = created_at + interval '1 microsecond' WHERE sequence = 2", "column_mismatch@2x1")]
    [InlineData("SET created_at = 'infinity' WHERE sequence = 5", "column_mismatch@5x1")]
    [InlineData("SET created_at = created_at - interval '4050 years' WHERE sequence = 5", "column_mismatch@5x1")]
    [InlineData("SET created_at = created_at + interval '90000 years' WHERE sequence = 5", "column_mismatch@5x1")]
    [InlineData("SET event_type = 'session.started' WHERE sequence = 7", "column_mismatch@7x1")]
    [InlineData("SET user_id = NULL WHERE sequence >= 6", "column_mismatch@6x2")]
    [InlineData("SET user_id = gen_random_uuid() WHERE sequence = 4", "column_mismatch@4x1")]
    [InlineData("SET subject_id = NULL WHERE sequence = 4", "column_mismatch@4x1")]
    [InlineData("SET subject_id = gen_random_uuid() WHERE sequence = 6", "column_mismatch@6x1")]
    [InlineData("SET entry_hash = set_byte(entry_hash, 31, get_byte(entry_hash, 31) # 1) WHERE sequence = 3", "broken_link@4x1 hash_mismatch@3x1")]
    [InlineData("SET previous_hash = set_byte(previous_hash, 0, get_byte(previous_hash, 0) # 128) WHERE sequence = 3", "broken_link@3x1 hash_mismatch@3x1")]
    [InlineData("SET previous_hash = entry_hash WHERE sequence = 1", "broken_link@1x1 hash_mismatch@1x1")]
    [InlineData("SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE sequence = 3", "content_mismatch@3x1")]
    [InlineData("SET content = NULL WHERE sequence IN (3, 4)", "content_mismatch@3x2")]
    [InlineData("SET content = '\\x00' WHERE sequence = 5", "content_mismatch@5x1")]
    [InlineData("SET content = (SELECT content FROM audit_logs other WHERE other.organization_id = audit_logs.organization_id AND other.sequence = 2) WHERE sequence = 3", "content_mismatch@3x1")]
    public async Task A_changed_row_is_named(string change, string expected)
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs {change} AND organization_id = '{admin.OrganizationId}'");
        await AssertFoundAsync(admin, expected);
    }

    [Fact]
    public async Task A_row_deleted_in_the_middle_is_named()
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"DELETE FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence = 4");
        await AssertFoundAsync(admin, "broken_link@5x1 sequence_gap@4x1");
    }

    [Fact]
    public async Task Rows_deleted_at_the_beginning_are_named()
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"DELETE FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence <= 2");
        await AssertFoundAsync(admin, "broken_link@3x1 sequence_gap@1x1");
    }

    [Fact]
    public async Task A_gap_that_was_closed_by_counting_anew_is_named()
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"""
            DELETE FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence = 4;
            UPDATE audit_logs SET sequence = sequence - 1000 + 999 + 1000 WHERE organization_id = '{admin.OrganizationId}' AND sequence > 4;
            UPDATE audit_logs SET sequence = sequence - 1000 WHERE organization_id = '{admin.OrganizationId}' AND sequence > 900;
            """);
        await AssertFoundAsync(admin, "broken_link@4x1 column_mismatch@4x3");
    }

    [Fact]
    public async Task Two_rows_that_changed_places_are_named()
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"""
            UPDATE audit_logs SET sequence = 1000 WHERE organization_id = '{admin.OrganizationId}' AND sequence = 5;
            UPDATE audit_logs SET sequence = 5 WHERE organization_id = '{admin.OrganizationId}' AND sequence = 6;
            UPDATE audit_logs SET sequence = 6 WHERE organization_id = '{admin.OrganizationId}' AND sequence = 1000;
            """);
        await AssertFoundAsync(admin, "broken_link@5x3 column_mismatch@5x2");
    }

    [Fact]
    public async Task A_row_that_stands_twice_is_named()
    {
        // The primary key forbids it, so the attacker takes that away first; in a database of the test's own.
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await LexCustisServer.StartAsync(database: database);
        var (admin, _) = await FillAsync(server);
        await database.ExecuteAsync($"""
            ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_pkey;
            ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_id_key CASCADE;
            INSERT INTO audit_logs SELECT * FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence = 4;
            """);
        await AssertFoundAsync(admin, "broken_link@4x1 sequence_gap@5x1", server);
    }

    [Fact]
    public async Task A_row_moved_to_another_organization_is_missed_in_the_one_and_strange_in_the_other()
    {
        var (admin, _) = await FillAsync();
        var (other, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"""
            UPDATE audit_logs SET organization_id = '{other.OrganizationId}', sequence = 8 WHERE organization_id = '{admin.OrganizationId}' AND sequence = 6
            """);
        await AssertFoundAsync(admin, "broken_link@7x1 sequence_gap@6x1");
        // Its hash was made with its own organization's key.
        await AssertFoundAsync(other, "broken_link@8x1 column_mismatch@8x1 hash_mismatch@8x1");
    }

    [Fact]
    public async Task A_person_s_key_that_is_gone_without_an_entry_is_named()
    {
        var (admin, user) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE organization_id = '{admin.OrganizationId}' AND subject_id = '{user}'");
        await AssertFoundAsync(admin, "key_missing_without_erasure@2x1");
    }

    [Fact]
    public async Task A_person_s_key_whose_row_is_gone_is_named_even_when_someone_else_was_erased()
    {
        var (admin, user) = await FillAsync();
        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
            await log.AppendErasureAsync(admin.OrganizationId, Guid.CreateVersion7());
        await shared.Server.Database.ExecuteAsync($"DELETE FROM subject_keys WHERE organization_id = '{admin.OrganizationId}' AND subject_id = '{user}'");
        await AssertFoundAsync(admin, "key_missing_without_erasure@2x1");
    }

    [Fact]
    public async Task A_person_erased_with_an_entry_is_no_finding()
    {
        var (admin, user) = await FillAsync();
        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
            await log.AppendErasureAsync(admin.OrganizationId, user);
        await shared.Server.Database.ExecuteAsync($"UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE organization_id = '{admin.OrganizationId}' AND subject_id = '{user}'");
        await AssertFoundAsync(admin, "");
    }

    [Fact]
    public async Task An_erasure_entry_does_not_cover_an_attack_on_the_rows()
    {
        var (admin, user) = await FillAsync();
        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
            await log.AppendErasureAsync(admin.OrganizationId, user);
        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs SET content = NULL WHERE organization_id = '{admin.OrganizationId}' AND sequence = 2");
        await AssertFoundAsync(admin, "content_mismatch@2x1");
    }

    [Fact]
    public async Task Several_attacks_at_once_are_each_named()
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"""
            UPDATE audit_logs SET content = '\x01' WHERE organization_id = '{admin.OrganizationId}' AND sequence = 2;
            UPDATE audit_logs SET event_type = 'x' WHERE organization_id = '{admin.OrganizationId}' AND sequence = 3;
            UPDATE audit_logs SET body = '' WHERE organization_id = '{admin.OrganizationId}' AND sequence = 7;
            DELETE FROM audit_logs WHERE organization_id = '{admin.OrganizationId}' AND sequence = 5;
            """);
        await AssertFoundAsync(admin, "broken_link@6x1 column_mismatch@3x1 content_mismatch@2x1 hash_mismatch@7x1 sequence_gap@5x1");
    }

    [Theory]
    [InlineData("body = 'no JSON at all, \"flags\":[\"pii\"'")]
    [InlineData("body = '[\"flags\":[\"pii\"]]'")]
    [InlineData("created_at = 'infinity'")]
    [InlineData("created_at = created_at - interval '4050 years'")]
    [InlineData("previous_hash = entry_hash")]
    public async Task A_tampered_row_hides_none_of_the_others(string change)
    {
        var (admin, _) = await FillAsync();
        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs SET {change} WHERE organization_id = '{admin.OrganizationId}' AND sequence = 6");

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], (await admin.ReadLogAsync()).Select(static entry => entry.GetProperty("sequence").GetInt32()));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/audit?flag=pii")).Status);
        var id = (await admin.ReadLogAsync())[5].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/api/audit/{id}")).Status);
        foreach (var format in new[] { "jsonl", "csv" })
        {
            var export = await admin.GetAsync($"/api/audit/export?format={format}");
            Assert.Equal(HttpStatusCode.OK, export.Status);
            Assert.Contains("\n", export.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Content_that_was_changed_is_shown_as_unreadable_and_is_not_recorded_as_read()
    {
        var (admin, _) = await FillAsync();
        var id = (await admin.ReadLogAsync())[2].GetProperty("id").GetString();
        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE id = '{id}'");

        var entry = await admin.GetAsync($"/api/audit/{id}");

        Assert.Equal("unreadable", entry.Json.Text("content"));
        Assert.Empty(await admin.ReadLogAsync("&event_type=audit.content_read"));
    }

    [Fact]
    public async Task A_turn_whose_content_was_changed_hides_neither_its_conversation_nor_what_was_decided_on_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.Tokens("Noted.")).Next(Reply.Tokens("Blue.")).Next(Reply.Tokens("Green.")));
        var first = await admin.ChatAsync("Write to ada@example.com.", NoDocuments);
        var conversation = first.Frame("start").Text("conversation_id");
        var goesOn = $"{NoDocuments},\"conversation_id\":\"{conversation}\"";
        await admin.ChatAsync("And the colour?", goesOn);
        var id = first.Frame("audit").Text("id");
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"/api/oversight/{id}", """{"decision":"overridden","note":"No.","corrected_answer":"Never noted."}""")).Status);
        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE id = '{id}'");

        var shown = (await admin.GetAsync($"/api/conversations/{conversation}")).Json.GetProperty("turns").EnumerateArray().ToList();
        Assert.Equal(["unreadable", "recorded"], shown.Select(static turn => turn.Text("status")));
        Assert.Equal("And the colour?", shown[1].Text("message"));
        Assert.Equal([""], (await admin.GetAsync("/api/conversations")).Json.GetProperty("items").EnumerateArray().Select(static item => item.Text("title")));
        var review = (await admin.GetAsync($"/api/oversight/{id}")).Json;
        Assert.Equal("unreadable", review.Text("content"));
        Assert.Equal("Never noted.", review.GetProperty("history")[0].GetProperty("content").Text("corrected_answer"));

        await admin.ChatAsync("What of it?", goesOn);
        Assert.Equal(["And the colour?", "Blue.", "What of it?"], upstream.Requests[^1].Messages.Skip(1).Select(static message => message.Content));
        await AssertFoundAsync(admin, $"content_mismatch@{first.Frame("audit").GetProperty("sequence")}x1");
    }

    [Theory]
    [InlineData("UPDATE audit_logs SET event_type = 'x'")]
    [InlineData("DELETE FROM audit_logs")]
    [InlineData("TRUNCATE audit_logs CASCADE")]
    [InlineData("ALTER TABLE audit_logs DISABLE ROW LEVEL SECURITY")]
    [InlineData("DROP TABLE audit_logs CASCADE")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()")]
    public async Task The_application_role_is_refused(string statement)
    {
        var database = shared.Server.Database;
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => TestDatabase.ExecuteAsync(database.ConnectionString(database.ApplicationUrl), statement));
        Assert.Equal("42501", refused.SqlState);
    }

    /// <summary>A new organization with seven entries: its registration, three turns of one person, three plain events.</summary>
    private async Task<(Api Admin, Guid User)> FillAsync(LexCustisServer? server = null)
    {
        server ??= shared.Server;
        var admin = await Api.RegisterAsync(server);
        var user = Guid.CreateVersion7();
        await using var log = new OpenLog(server.Database.ApplicationUrl);
        for (var turn = 0; turn < 3; turn++)
            await log.AppendTurnAsync(admin.OrganizationId, user);
        for (var number = 0; number < 3; number++)
            await log.Log.AppendAsync(log.Event(admin.OrganizationId, number));
        return (admin, user);
    }

    /// <summary>By the command first, then by the API: each verification is itself an entry, and may itself be told.</summary>
    private async Task AssertFoundAsync(Api admin, string expected, LexCustisServer? server = null)
    {
        server ??= shared.Server;
        var (exit, output, error) = await Binary.RunAsync(["verify-audit", "--organization", admin.OrganizationId.ToString()], server.Environment);
        Assert.Empty(error);
        Assert.Equal(expected, Order(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(static line =>
        {
            var words = line.Split([' ', ':', ','], StringSplitOptions.RemoveEmptyEntries);
            return $"{words[0]}@{words[^1]}x{words[1]}";
        })));
        Assert.Equal(expected.Length == 0 ? 0 : 1, exit);
        Assert.Contains(expected.Length == 0 ? "  clean" : "  NOT CLEAN", output, StringComparison.Ordinal);

        var report = (await admin.PostAsync("/api/audit/verify")).Json;
        Assert.Equal(expected, Order(report.GetProperty("findings").EnumerateArray().Select(static finding =>
            $"{finding.GetProperty("verdict").GetString()}@{finding.GetProperty("first_sequence").GetInt64()}x{finding.GetProperty("count").GetInt64()}")));
        Assert.Equal(expected.Length == 0, report.GetProperty("valid").GetBoolean());
        Assert.Equal(admin.OrganizationId, report.GetProperty("organization_id").GetGuid());

        var verified = await admin.ReadLogAsync("&event_type=audit.verified");
        Assert.Equal(2, verified.Count);
        Assert.All(verified, entry => Assert.Equal(expected.Length == 0, entry.GetProperty("data").GetProperty("valid").GetBoolean()));
    }

    private static string Order(IEnumerable<string> findings) => string.Join(' ', findings.Order(StringComparer.Ordinal));
}
