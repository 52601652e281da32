using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class AuditVerifierTests(SharedServer shared)
{
    private readonly Guid organization = Guid.CreateVersion7();

    [Fact]
    public async Task An_empty_log_is_valid()
    {
        await using var log = new OpenLog(shared.Server.Database.ApplicationUrl);
        var report = await log.Verifier.VerifyAsync(organization, null, CancellationToken.None);
        Assert.True(report.Valid);
        Assert.Equal((0, 0, new string('0', 64)), (report.Rows, report.Head.Sequence, report.Head.EntryHash));
    }

    [Fact]
    public async Task Every_row_of_a_long_log_is_read()
    {
        await using var log = new OpenLog(shared.Server.Database.ApplicationUrl);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 3_000).Select(number => log.Log.AppendAsync(log.Event(organization, number))));
        await log.AssertHoldsAsync(organization, receipts);

        await shared.Server.Database.ExecuteAsync($"UPDATE audit_logs SET event_type = 'x' WHERE organization_id = '{organization}' AND sequence IN (1, 1500, 3000)");
        var report = await log.Verifier.VerifyAsync(organization, null, CancellationToken.None);
        Assert.Equal([new ChainFinding(ChainVerdict.ColumnMismatch, 1, 3)], report.Findings);
    }

    /// <summary>Segments of 16 entries: their ends are at 16, 32, 48 … Checkpoints were signed at 10, 16, 40 and 100.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("UPDATE audit_logs SET body = body || ' ' WHERE sequence = 50", "hash_mismatch@50x1 rewritten@41x1")]
    [InlineData("UPDATE audit_logs SET entry_hash = sha256(entry_hash) WHERE sequence = 32", "broken_link@33x1 hash_mismatch@32x1 rewritten@17x2")]
    [InlineData("DELETE FROM audit_logs WHERE sequence = 16", "broken_link@17x1 rewritten@11x3 sequence_gap@16x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence = 17", "broken_link@18x1 rewritten@17x2 sequence_gap@17x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence BETWEEN 17 AND 64", "broken_link@65x1 rewritten@17x2 sequence_gap@17x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence <= 32", "broken_link@33x1 rewritten@1x4 sequence_gap@1x1")]
    [InlineData("DELETE FROM audit_logs WHERE sequence > 32", "truncated@33x68")]
    [InlineData("UPDATE audit_logs SET sequence = 9223372036854775807 WHERE sequence = 100", "column_mismatch@9223372036854775807x1 rewritten@41x1 sequence_gap@100x1")]
    [InlineData("UPDATE audit_logs SET sequence = 1000000000000000 WHERE sequence = 100", "column_mismatch@1000000000000000x1 rewritten@41x1 sequence_gap@100x1")]
    public async Task A_log_that_is_read_in_segments_is_judged_as_one(string attack, string expected)
    {
        using var folder = new CheckpointFolder();
        await using var log = new OpenLog(shared.Server.Database.ApplicationUrl, checkpoints: folder.Open(anchors: false), segmentSize: 16);
        foreach (var size in new[] { 10, 16, 40, 100 })
        {
            var count = (await log.ReadAsync(organization)).Count;
            await Task.WhenAll(Enumerable.Range(count, size - count).Select(number => log.Log.AppendAsync(log.Event(organization, number))));
            Assert.Equal(size, (await log.Checkpointer.TakeAsync(organization, CancellationToken.None)).Latest?.Size);
        }

        if (attack.Length > 0)
            await shared.Server.Database.ExecuteAsync($"{attack} AND organization_id = '{organization}'");
        await using var whole = new OpenLog(shared.Server.Database.ApplicationUrl, checkpoints: folder.Open(anchors: false));
        foreach (var verifier in new[] { log.Verifier, whole.Verifier })
        {
            foreach (var parallelism in new[] { 1, 3 })
            {
                var seen = new List<VerificationProgress>();
                var report = await verifier.VerifyAsync(organization, new Reports(seen), CancellationToken.None, parallelism);
                Assert.Equal(expected, string.Join(' ', report.Findings.Select(static finding => $"{finding.Verdict}@{finding.FirstSequence}x{finding.Count}").Order(StringComparer.Ordinal)));
                Assert.Equal(seen.Select(static progress => progress.Rows).Order(), seen.Select(static progress => progress.Rows));
                Assert.Equal((report.Rows, report.Head.Sequence), (seen[^1].Rows, seen[^1].Total));
            }
        }
    }

    [Fact]
    public async Task A_person_erased_while_it_reads_is_no_finding()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var log = new OpenLog(database.ApplicationUrl);
        await log.AddOrganizationAsync(organization);
        var user = Guid.CreateVersion7();
        await log.AppendTurnAsync(organization, user);

        // Whoever has the table to himself stops the verifier between the rows and the keys.
        await using var attacker = new NpgsqlConnection(database.ConnectionString());
        await attacker.OpenAsync();
        await using var erasure = await attacker.BeginTransactionAsync();
        await ExecuteAsync(attacker, $"LOCK TABLE subject_keys IN ACCESS EXCLUSIVE MODE; UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE subject_id = '{user}'");
        var verifying = log.Verifier.VerifyAsync(organization, null, CancellationToken.None);
        while (await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'subject_keys'::regclass") == 0)
            await Task.Delay(5);
        await log.AppendErasureAsync(organization, user);
        await erasure.CommitAsync();

        Assert.Empty((await verifying).Findings);
        Assert.Empty((await log.Verifier.VerifyAsync(organization, null, CancellationToken.None)).Findings);
    }

    [Fact]
    public async Task A_turn_that_lasts_past_the_end_of_the_month_can_be_read_and_verified()
    {
        await using var database = await TestDatabase.CreateAsync();
        var clock = new Calendar { Now = new DateTimeOffset(2026, 5, 31, 23, 59, 59, TimeSpan.Zero) };
        await using var log = new OpenLog(database.ApplicationUrl, clock: clock);
        await log.AddOrganizationAsync(organization);
        var (user, id) = (Guid.CreateVersion7(), log.Entries.NewId());
        await using (var transaction = await log.Database.BeginAsync(organization, CancellationToken.None))
        {
            await OpenLog.AddPersonAsync(transaction, user);
            var key = await log.SubjectKeys.ForAsync(transaction, user, id, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            clock.Now = clock.Now.AddMinutes(2);
            await log.Log.AppendAsync(AuditEntries.ChatCompleted(id, organization, new Actor(user, "member", "session"),
                SubjectKeys.Seal(key!, id, "{}"u8), static json => json.WriteString("outcome"u8, "completed")));
        }

        Assert.Empty((await log.Verifier.VerifyAsync(organization, null, CancellationToken.None)).Findings);
        await using var reading = await log.Database.BeginAsync(organization, CancellationToken.None);
        var content = await reading.ScalarAsync<byte[]>("SELECT content FROM audit_logs WHERE id = $1", [id], CancellationToken.None);
        Assert.Equal("{}", Encoding.UTF8.GetString((await log.SubjectKeys.ReaderFor(reading).OpenAsync(user, id, content!, CancellationToken.None)).Json.Span));
    }

    [Fact]
    public async Task A_month_that_expired_with_an_entry_is_no_finding_and_another_month_is()
    {
        await using var database = await TestDatabase.CreateAsync();
        var clock = new Calendar { Now = new DateTimeOffset(2025, 3, 10, 12, 0, 0, TimeSpan.Zero) };
        await using var log = new OpenLog(database.ApplicationUrl, clock: clock);
        await log.AddOrganizationAsync(organization);
        await log.AppendTurnAsync(organization, Guid.CreateVersion7());
        clock.Now = clock.Now.AddMonths(1);
        await log.AppendTurnAsync(organization, Guid.CreateVersion7());
        clock.Now = clock.Now.AddYears(1);
        await log.Log.AppendAsync(AuditEntries.ChatCompleted(log.Entries.NewId(), organization, new Actor(organization, "admin", "session"), null, static json =>
        {
            json.WriteStartArray("months"u8);
            json.WriteStringValue("2025-03-01"u8);
            json.WriteEndArray();
        })
        with
        { Type = "content.expired", Actor = null });
        await database.ExecuteAsync("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() WHERE month = '2025-03-01'");
        Assert.Empty((await log.Verifier.VerifyAsync(organization, null, CancellationToken.None)).Findings);

        await database.ExecuteAsync("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now()");
        Assert.Equal([new ChainFinding(ChainVerdict.KeyMissingWithoutErasure, 2, 1)], (await log.Verifier.VerifyAsync(organization, null, CancellationToken.None)).Findings);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Reports(List<VerificationProgress> seen) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => seen.Add(value);
    }

    /// <summary>The date is the test's; what elapses is real.</summary>
    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
