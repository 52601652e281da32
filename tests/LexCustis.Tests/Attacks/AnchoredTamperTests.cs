using System.Net;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Attacks;

/// <summary>
/// The attack table of the audit chain's format against a log whose checkpoints were signed and anchored, by someone who is PostgreSQL's
/// superuser, and at worst has the master key as well: each attack is named by the command and by the API.
/// </summary>
public sealed class AnchoredTamperTests(CheckpointServer checkpoints) : IClassFixture<CheckpointServer>
{
    private readonly LexCustisServer server = checkpoints.Server;

    [Fact]
    public async Task A_log_that_nobody_touched_is_clean()
    {
        var admin = await FillAsync();
        await AssertFoundAsync(admin, "");
        var report = (await admin.PostAsync("/api/audit/verify")).Json;
        Assert.True(report.GetProperty("valid").GetBoolean());
        Assert.Equal("""{"stored":2,"anchored":2,"latest_size":7,"unverified":0}""", report.GetProperty("checkpoints").GetRawText());
    }

    // Sequence 1 is the registration, 2 to 4 are turns with content, 5 to 7 are plain events; checkpoints were signed at 4 and at 7.
    [Theory]
    [InlineData("UPDATE audit_logs SET body = replace(body, '\"outcome\":\"completed\"', '\"outcome\":\"stopped\"') WHERE sequence = 2", "hash_mismatch@2x1 rewritten@1x4")]
    [InlineData("UPDATE audit_logs SET body = body || ' ' WHERE sequence = 6", "hash_mismatch@6x1 rewritten@5x2")]
    [InlineData("UPDATE audit_logs SET event_type = 'session.started' WHERE sequence = 6", "column_mismatch@6x1")]
    [InlineData("UPDATE audit_logs SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE sequence = 3", "content_mismatch@3x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence = 6", "broken_link@7x1 rewritten@5x2 sequence_gap@6x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence = 7", "truncated@7x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence > 4", "truncated@5x3")]
    [InlineData("DELETE FROM audit_logs WHERE sequence > 2", "truncated@3x5")]
    [InlineData("DELETE FROM audit_logs WHERE true", "organization_missing@1x7")]
    [InlineData("UPDATE audit_checkpoints SET note = replace(note, E'\\n7\\n', E'\\n6\\n') WHERE tree_size = 7", "checkpoint_invalid@7x1")]
    [InlineData("UPDATE audit_checkpoints SET note = 'none' WHERE tree_size = 4", "checkpoint_invalid@4x1")]
    [InlineData("UPDATE audit_checkpoints SET tree_size = 6 WHERE tree_size = 7", "checkpoint_invalid@6x1")]
    [InlineData("UPDATE audit_checkpoints SET note = regexp_replace(note, E'\\n4\\n....', E'\\n4\\nAAAA') WHERE tree_size = 4", "checkpoint_invalid@4x1")]
    [InlineData("UPDATE audit_checkpoints SET note = regexp_replace(note, '.{12}\\n$', E'AAAAAAAAAAA=\\n') WHERE tree_size = 7", "checkpoint_invalid@7x1")]
    public async Task An_attack_is_named(string attack, string expected)
    {
        var admin = await FillAsync();
        var organization = admin.OrganizationId;
        await server.Database.ExecuteAsync($"{attack} AND organization_id = '{organization}'");
        await AssertFoundAsync(admin, expected);
    }

    [Fact]
    public async Task Content_swapped_between_two_rows_is_named()
    {
        var admin = await FillAsync();
        await server.Database.ExecuteAsync($"""
            UPDATE audit_logs AS one SET content = other.content FROM audit_logs AS other
            WHERE one.organization_id = '{admin.OrganizationId}' AND other.organization_id = one.organization_id AND one.sequence IN (2, 3) AND other.sequence = 5 - one.sequence
            """);
        await AssertFoundAsync(admin, "content_mismatch@2x2");
    }

    [Fact]
    public async Task An_organization_deleted_with_all_its_traces_is_missed_by_the_anchors()
    {
        var admin = await FillAsync();
        var organization = admin.OrganizationId;
        await using (var round = await LexCustisServer.StartAsync(checkpoints.Folder.Settings(), server.Database))
        {
            await Waiting.ForAsync(async () => File.Exists(checkpoints.Folder.OrganizationsFile)
                && (await File.ReadAllTextAsync(checkpoints.Folder.OrganizationsFile)).Contains($"\n{organization} 7 ", StringComparison.Ordinal) ? "" : null, "the list of organizations");
        }

        await server.Database.ExecuteAsync(EraseAll(organization));

        var (exit, output, error) = await Binary.RunAsync(["verify-audit"], server.Environment);
        Assert.Equal((1, ""), (exit, error));
        Assert.Contains($"{organization}  0 entries  0 checkpoints, 2 anchors  head {new string('0', 64)}  NOT CLEAN\n  organization_missing: 7, first at sequence 1\n", output, StringComparison.Ordinal);
        Assert.Equal(1, (await Binary.RunAsync(["verify-audit", "--organization", organization.ToString()], server.Environment)).ExitCode);
        // That it is gone is not covered up by an entry that says so.
        Assert.Equal(0, await server.Database.ScalarAsync<long>($"SELECT count(*) FROM audit_logs WHERE organization_id = '{organization}'"));

        // The list of organizations alone is enough, also for whoever has another copy of it and no key.
        await using var second = await LexCustisServer.StartAsync(checkpoints.Folder.Settings(), server.Database);
        await second.WaitForLogAsync($"organization {organization} (missing)");
        var copy = Directory.CreateTempSubdirectory("lexcustis-");
        File.Copy(checkpoints.Folder.OrganizationsFile, Path.Combine(copy.FullName, "organizations.notes"));
        Dictionary<string, string> auditor = new(server.Environment);
        auditor.Remove("LEXCUSTIS_CHECKPOINT_KEY_FILE");
        auditor.Remove("LEXCUSTIS_CHECKPOINT_DIR");
        (exit, output, _) = await Binary.RunAsync(["verify-audit", "--anchors", copy.FullName, "--organization", organization.ToString()], auditor);
        copy.Delete(recursive: true);
        Assert.Equal(1, exit);
        Assert.Contains("organization_missing: 7", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_restored_from_an_older_backup_is_named_and_not_signed_for()
    {
        var admin = await FillAsync();
        var organization = admin.OrganizationId;
        await RestoreAsync(organization, 4);

        // Behind: nothing was written since.
        await AssertRefusedAsync(admin, "behind", isProved: true);
        await AssertFoundAsync(admin, "truncated@5x3");

        // The verifications went on writing: by now the log is another one.
        await using (var log = new OpenLog(server.Database.ApplicationUrl))
        {
            for (var number = 0; number < 4; number++)
                await log.Log.AppendAsync(log.Event(organization, number));
        }

        await AssertRefusedAsync(admin, "forked");
        Assert.Contains("rewritten: 1, first at sequence 5", (await Binary.RunAsync(["verify-audit", "--organization", organization.ToString()], server.Environment)).Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/audit")).Status);
        Assert.True((await admin.ChatAsync("Are you still there?")).Done);
    }

    [Fact]
    public async Task A_log_rewritten_with_the_stolen_master_key_is_named_by_what_was_signed()
    {
        var admin = await FillAsync();
        var organization = admin.OrganizationId;
        await RewriteAsync(organization, 6, static body => body.Replace("\"number\":1", "\"number\":9", StringComparison.Ordinal));
        await AssertFoundAsync(admin, "rewritten@5x2");

        // With the checkpoints deleted as well, the database itself knows nothing any more; the anchors do.
        await server.Database.ExecuteAsync($"DELETE FROM audit_checkpoints WHERE organization_id = '{organization}'; DELETE FROM audit_tree_nodes WHERE organization_id = '{organization}'");
        Dictionary<string, string> unanchored = new(server.Environment);
        unanchored.Remove("LEXCUSTIS_CHECKPOINT_DIR");
        Assert.Equal(0, (await Binary.RunAsync(["verify-audit", "--organization", organization.ToString()], unanchored)).ExitCode);
        var (exit, output, _) = await Binary.RunAsync(["verify-audit", "--organization", organization.ToString(), "--anchors", checkpoints.Folder.Anchors], unanchored);
        Assert.Equal(1, exit);
        Assert.Contains("  rewritten: 1, first at sequence 5\n", output, StringComparison.Ordinal);
        await AssertRefusedAsync(admin, "forked");
    }

    [Fact]
    public async Task A_checkpoint_forged_for_a_rewritten_log_is_named()
    {
        var admin = await FillAsync();
        var organization = admin.OrganizationId;
        await RewriteAsync(organization, 6, static body => body.Replace("\"number\":1", "\"number\":9", StringComparison.Ordinal));
        var tree = new MerkleFrontier();
        foreach (var (body, hash) in await ReadAsync(organization))
            tree.Append(MerkleTree.Leaf(hash, Encoding.UTF8.GetBytes(body)));

        // The attacker has no signing key, so the note that fits the new root carries the old one's signature.
        await server.Database.ExecuteAsync($"""
            UPDATE audit_checkpoints SET note = regexp_replace(note, E'\n7\n[^\n]+\n', E'\n7\n{Convert.ToBase64String(tree.Root())}\n')
            WHERE organization_id = '{organization}' AND tree_size = 7
            """);
        await AssertFoundAsync(admin, "checkpoint_invalid@7x1 rewritten@5x1");
    }

    [Theory]
    [InlineData("UPDATE audit_checkpoints SET note = 'x'")]
    [InlineData("DELETE FROM audit_checkpoints")]
    [InlineData("TRUNCATE audit_checkpoints")]
    [InlineData("UPDATE audit_tree_nodes SET index = 7")]
    [InlineData("DELETE FROM audit_tree_nodes")]
    [InlineData("TRUNCATE audit_tree_nodes")]
    public async Task The_application_role_is_refused(string statement)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(server.Database.ConnectionString(server.Database.ApplicationUrl), statement));
        Assert.Equal("42501", refused.SqlState);
    }

    [Fact]
    public async Task Another_organization_s_checkpoints_and_nodes_are_not_seen()
    {
        var admin = await FillAsync();
        await using var log = new OpenLog(server.Database.ApplicationUrl);
        await using var transaction = await log.Database.BeginAsync(Guid.CreateVersion7(), CancellationToken.None);
        Assert.Equal(0, await transaction.ScalarAsync<long>("SELECT count(*) FROM audit_checkpoints WHERE organization_id = $1", [admin.OrganizationId], CancellationToken.None));
        Assert.Equal(0, await transaction.ScalarAsync<long>("SELECT count(*) FROM audit_tree_nodes", [], CancellationToken.None));
    }

    /// <summary>A new organization with seven entries, as <see cref="TamperTests"/> has them, with checkpoints at four and at seven.</summary>
    private async Task<Api> FillAsync()
    {
        var admin = await Api.RegisterAsync(server);
        var user = Guid.CreateVersion7();
        await using var log = new OpenLog(server.Database.ApplicationUrl, checkpoints: checkpoints.Folder.Open());
        for (var turn = 0; turn < 3; turn++)
            await log.AppendTurnAsync(admin.OrganizationId, user);
        Assert.Equal(4, (await log.Checkpointer.TakeAsync(admin.OrganizationId, CancellationToken.None)).Latest?.Size);
        for (var number = 0; number < 3; number++)
            await log.Log.AppendAsync(log.Event(admin.OrganizationId, number));
        Assert.Equal(7, (await log.Checkpointer.TakeAsync(admin.OrganizationId, CancellationToken.None)).Latest?.Size);
        return admin;
    }

    private static string EraseAll(Guid organization) => string.Concat(
        ((string[])["audit_logs", "audit_checkpoints", "audit_tree_nodes", "refresh_tokens", "sessions", "subject_keys", "chat_turns", "conversations", "users"])
            .Select(table => $"DELETE FROM {table} WHERE organization_id = '{organization}';")) + $"DELETE FROM organizations WHERE id = '{organization}';";

    /// <summary>The organization's audit tables as a backup of the time of that checkpoint has them.</summary>
    private Task RestoreAsync(Guid organization, long size) => server.Database.ExecuteAsync($"""
        DELETE FROM audit_logs WHERE organization_id = '{organization}' AND sequence > {size};
        DELETE FROM audit_checkpoints WHERE organization_id = '{organization}' AND tree_size > {size};
        """);

    /// <summary>Changes one body and makes every later link and hash right again, as who has the master key can.</summary>
    private async Task RewriteAsync(Guid organization, int sequence, Func<string, string> change)
    {
        var keys = MasterKeys.TryParse(LexCustisServer.MasterKeys, out var parsed, out var wrong) ? parsed : throw new InvalidOperationException(wrong);
        var key = keys.ChainKey(keys.Current, organization);
        var rows = await ReadAsync(organization);
        var previous = AuditEncoder.Genesis;
        for (var place = 1; place <= rows.Count; place++)
        {
            var body = place == sequence ? change(rows[place - 1].Body) : rows[place - 1].Body;
            Assert.Equal(place == sequence, body != rows[place - 1].Body);
            var hash = new byte[32];
            AuditEncoder.Hash(key, previous, Encoding.UTF8.GetBytes(body), hash);
            await server.Database.ExecuteAsync($"""
                UPDATE audit_logs SET body = '{body.Replace("'", "''", StringComparison.Ordinal)}', previous_hash = '\x{Convert.ToHexString(previous)}', entry_hash = '\x{Convert.ToHexString(hash)}'
                WHERE organization_id = '{organization}' AND sequence = {place}
                """);
            previous = hash;
        }
    }

    private async Task<List<(string Body, byte[] EntryHash)>> ReadAsync(Guid organization)
    {
        await using var log = new OpenLog(server.Database.ApplicationUrl);
        await using var transaction = await log.Database.BeginAsync(organization, CancellationToken.None);
        return await transaction.ListAsync("SELECT body, entry_hash FROM audit_logs WHERE organization_id = $1 ORDER BY sequence", [organization],
            static row => (row.GetString(0), row.GetFieldValue<byte[]>(1)), CancellationToken.None);
    }

    /// <summary>A server that starts now signs nothing for the organization, says so, and serves.</summary>
    /// <param name="isProved">Whether the newest entry is one that a checkpoint in the database covers.</param>
    private async Task AssertRefusedAsync(Api admin, string kind, bool isProved = false)
    {
        var file = checkpoints.Folder.FileOf(admin.OrganizationId);
        var before = await File.ReadAllTextAsync(file);
        await using var restarted = await LexCustisServer.StartAsync(checkpoints.Folder.Settings(), server.Database);
        await restarted.WaitForLogAsync($"organization {admin.OrganizationId} ({kind})");

        var ready = await new Api(restarted.Http, null).GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Equal("degraded", ready.Json.Text("status"));
        var dependency = ready.Json.GetProperty("dependencies").GetProperty("checkpoints");
        Assert.Equal("degraded", dependency.Text("status"));
        Assert.Contains(kind, dependency.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain(admin.OrganizationId.ToString(), ready.Text, StringComparison.Ordinal);

        var there = new Api(restarted.Http, admin.Token);
        var proof = await there.GetAsync($"/api/audit/{(await there.GetAsync("/api/audit?limit=1")).Json.GetProperty("items")[0].Text("id")}/proof");
        if (isProved)
            Assert.Equal(HttpStatusCode.OK, proof.Status);
        else
            Assert.Equal("No checkpoint could be signed", proof.Problem(503).Text("title"));
        Assert.Equal(before, await File.ReadAllTextAsync(file));
    }

    /// <summary>By the product's verifier in this process first, which appends nothing; then by the command, which does.</summary>
    private async Task AssertFoundAsync(Api admin, string expected)
    {
        await using (var log = new OpenLog(server.Database.ApplicationUrl, checkpoints: checkpoints.Folder.Open()))
        {
            var report = await log.Verifier.VerifyAsync(admin.OrganizationId, null, CancellationToken.None);
            Assert.Equal(expected, Order(report.Findings.Select(static finding => $"{finding.Verdict}@{finding.FirstSequence}x{finding.Count}")));
        }

        var (exit, output, error) = await Binary.RunAsync(["verify-audit", "--organization", admin.OrganizationId.ToString()], server.Environment);
        Assert.Empty(error);
        Assert.Equal(expected, Order(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(static line =>
        {
            var words = line.Split([' ', ':', ','], StringSplitOptions.RemoveEmptyEntries);
            return $"{words[0]}@{words[^1]}x{words[1]}";
        })));
        Assert.Equal(expected.Length == 0 ? 0 : 1, exit);
    }

    private static string Order(IEnumerable<string> findings) => string.Join(' ', findings.Order(StringComparer.Ordinal));
}
