using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Harness;

/// <summary>The product's own log, opened in this process on a test's database: to write what no route writes, and as fast as it goes.</summary>
internal sealed class OpenLog : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;

    /// <param name="url">Of the application role, perhaps by way of a proxy.</param>
    public OpenLog(string url, string masterKeys = LexCustisServer.MasterKeys, TimeProvider? clock = null, CheckpointSettings? checkpoints = null, long segmentSize = 1 << 14)
    {
        clock ??= TimeProvider.System;
        var keys = MasterKeys.TryParse(masterKeys, out var parsed, out var wrong) ? parsed : throw new ArgumentException(wrong, nameof(masterKeys));
        source = PostgresServices.Open(DatabaseUrl.TryParse(url, out var address, out wrong) ? address : throw new ArgumentException(wrong, nameof(url)));
        Database = new TenantDatabase(source);
        Entries = new AuditEntries(clock);
        Log = new AuditLog(Database, new ChainWriter(keys, clock), clock, NullLogger<AuditLog>.Instance);
        SubjectKeys = new SubjectKeys(keys, clock, NullLogger<SubjectKeys>.Instance);
        checkpoints ??= CheckpointSettings.Off;
        Verifier = new AuditVerifier(Database, keys, checkpoints, clock) { SegmentSize = segmentSize };
        Checkpointer = new Checkpointer(Database, checkpoints, clock);
    }

    public TenantDatabase Database { get; }

    public AuditEntries Entries { get; }

    public AuditLog Log { get; }

    public SubjectKeys SubjectKeys { get; }

    public AuditVerifier Verifier { get; }

    public Checkpointer Checkpointer { get; }

    /// <summary>An organization that nobody signs in to: what a person's keys refer to.</summary>
    public async Task AddOrganizationAsync(Guid organization)
    {
        await using var transaction = await Database.BeginAsync(organization, CancellationToken.None);
        await transaction.ExecuteAsync("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Test', now())", [organization], CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>Someone who never signs in: keys are made for people alone.</summary>
    public static Task AddPersonAsync(TenantTransaction transaction, Guid person) => transaction.ExecuteAsync("""
        INSERT INTO users (id, organization_id, email, role, password_hash, created_at) VALUES ($2, $1, $2 || '@example.org', 'member', '', now()) ON CONFLICT DO NOTHING
        """, [transaction.OrganizationId, person], CancellationToken.None);

    /// <summary>An entry without content, told apart by its number.</summary>
    public AuditEntry Event(Guid organization, int number, string type = "document.uploaded", Guid? user = null) =>
        AuditEntries.ChatCompleted(Entries.NewId(), organization, new Actor(user ?? organization, "member", "session"), content: null,
            json => json.WriteNumber("number"u8, number))
        with
        { Type = type };

    /// <summary>A turn with content under the person's key of this month, as a server would write it.</summary>
    public async Task<AuditReceipt> AppendTurnAsync(Guid organization, Guid user, string content = """{"message":"How old?","answer":"Six months."}""")
    {
        var id = Entries.NewId();
        byte[]? key;
        await using (var transaction = await Database.BeginAsync(organization, CancellationToken.None))
        {
            await AddPersonAsync(transaction, user);
            key = await SubjectKeys.ForAsync(transaction, user, id, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        return await Log.AppendAsync(AuditEntries.ChatCompleted(id, organization, new Actor(user, "member", "session"),
            SubjectKeys.Seal(key!, id, Encoding.UTF8.GetBytes(content)), static json => json.WriteString("outcome"u8, "completed")));
    }

    /// <summary>What erasing a person writes; emptying the keys is the other half.</summary>
    public Task<AuditReceipt> AppendErasureAsync(Guid organization, Guid subject) =>
        Log.AppendAsync(Event(organization, 0, "subject.erased") with { Actor = null, SubjectId = subject });

    public async Task<List<AuditReceipt>> ReadAsync(Guid organization)
    {
        await using var transaction = await Database.BeginAsync(organization, CancellationToken.None);
        return await transaction.ListAsync("SELECT id, sequence, entry_hash FROM audit_logs WHERE organization_id = $1 ORDER BY sequence", [organization],
            static row => new AuditReceipt(row.GetGuid(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)), CancellationToken.None);
    }

    /// <summary>Expects the chain to be whole, of just so many rows, and to hold each receipt with its hash.</summary>
    public async Task AssertHoldsAsync(Guid organization, IReadOnlyCollection<AuditReceipt> receipts, long? rows = null)
    {
        var report = await Verifier.VerifyAsync(organization, null, CancellationToken.None);
        Assert.Empty(report.Findings);
        Assert.Equal(rows ?? receipts.Count, report.Rows);
        var log = (await ReadAsync(organization)).ToDictionary(static row => row.Id);
        Assert.All(receipts, receipt => Assert.Equal((receipt.Sequence, Convert.ToHexString(receipt.EntryHash)), (log[receipt.Id].Sequence, Convert.ToHexString(log[receipt.Id].EntryHash))));
        Assert.Equal(receipts.Count, receipts.Select(static receipt => receipt.Sequence).Distinct().Count());
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await source.DisposeAsync();
    }
}
