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
        var report = await log.Verifier.VerifyAsync(organization, CancellationToken.None);
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
        var report = await log.Verifier.VerifyAsync(organization, CancellationToken.None);
        Assert.Equal([new ChainFinding(ChainVerdict.ColumnMismatch, 1, 3)], report.Findings);
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
        var verifying = log.Verifier.VerifyAsync(organization, CancellationToken.None);
        while (await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'subject_keys'::regclass") == 0)
            await Task.Delay(5);
        await log.AppendErasureAsync(organization, user);
        await erasure.CommitAsync();

        Assert.Empty((await verifying).Findings);
        Assert.Empty((await log.Verifier.VerifyAsync(organization, CancellationToken.None)).Findings);
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

        Assert.Empty((await log.Verifier.VerifyAsync(organization, CancellationToken.None)).Findings);
        await using var reading = await log.Database.BeginAsync(organization, CancellationToken.None);
        var content = await reading.ScalarAsync<byte[]>("SELECT content FROM audit_logs WHERE id = $1", [id], CancellationToken.None);
        Assert.Equal("{}", Encoding.UTF8.GetString((await log.SubjectKeys.ReaderFor(reading).OpenAsync(user, id, content!, CancellationToken.None))!));
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
        Assert.Empty((await log.Verifier.VerifyAsync(organization, CancellationToken.None)).Findings);

        await database.ExecuteAsync("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now()");
        Assert.Equal([new ChainFinding(ChainVerdict.KeyMissingWithoutErasure, 2, 1)], (await log.Verifier.VerifyAsync(organization, CancellationToken.None)).Findings);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The date is the test's; what elapses is real.</summary>
    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
