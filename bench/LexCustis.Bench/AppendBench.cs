using System.Diagnostics;
using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Bench;

/// <summary>
/// Appends to one organization's chain from 64 writers, each waiting for its commit: group commit against a plain insert of the same row in a
/// transaction of its own (no chain, no lock: what a log without tamper evidence would do), and against lock, read, insert one by one.
/// </summary>
internal static class AppendBench
{
    private const int Writers = 64;
    private const int Rounds = 7;
    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(2);

    public static async Task RunAsync()
    {
        var url = Environment.GetEnvironmentVariable("BENCH_DATABASE_URL") ?? throw new InvalidOperationException("BENCH_DATABASE_URL is not set: run `make bench`.");
        if (!DatabaseUrl.TryParse(url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "pool_size=100", out var database, out var reason))
            throw new InvalidOperationException(reason);
        await using var source = PostgresServices.Open(database);
        if (!MasterKeys.TryParse("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", out var masterKeys, out reason))
            throw new InvalidOperationException(reason);
        var tenants = new TenantDatabase(source);
        var chain = new ChainWriter(masterKeys, TimeProvider.System);
        await using var log = new AuditLog(tenants, chain, TimeProvider.System, NullLogger<AuditLog>.Instance);
        var entries = new AuditEntries(TimeProvider.System);
        var actor = new Actor(entries.NewId(), "member", "session");
        var plain = new PlainInsert(source);

        var grouped = new Figures("group commit (the product)", "entries/s");
        var single = new Figures("plain insert, one row one transaction", "entries/s");
        var serial = new Figures("lock, read, insert, one by one", "entries/s");
        for (var round = -1; round < Rounds; round++)
        {
            var organization = entries.NewId();
            var a = await MeasureAsync(() => log.AppendAsync(Turn(entries, organization, actor)));
            var b = await MeasureAsync(() => plain.WriteAsync(organization));
            var c = await MeasureAsync(async () =>
            {
                await using var transaction = await tenants.BeginAsync(organization, CancellationToken.None);
                await log.AppendAsync(transaction, Turn(entries, organization, actor), CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
            });
            if (round < 0)
                continue; // warm-up
            grouped.Add(a);
            single.Add(b);
            serial.Add(c);
        }

        Console.Out.WriteLine($"appends to one organization, {Writers} writers, rounds of {RoundLength.TotalSeconds} s, interleaved");
        grouped.Print();
        single.Print();
        serial.Print();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio to plain inserts {grouped.Median / single.Median:N2}, to one by one {grouped.Median / serial.Median:N1}"));
    }

    private static async Task<double> MeasureAsync(Func<Task> write)
    {
        var watch = Stopwatch.StartNew();
        var writers = Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            var written = 0;
            while (watch.Elapsed < RoundLength)
            {
                await write();
                written++;
            }

            return written;
        }));
        var total = (await Task.WhenAll(writers)).Sum();
        return total / watch.Elapsed.TotalSeconds;
    }

    /// <summary>An entry of a turn's usual size: about 700 bytes of facts and 1 KB of content.</summary>
    private static AuditEntry Turn(AuditEntries entries, Guid organization, Actor actor) => AuditEntries.ChatCompleted(entries.NewId(), organization, actor, Content, static json =>
    {
        json.WriteString("outcome"u8, "completed"u8);
        json.WriteString("provider"u8, "mistral"u8);
        json.WriteString("model"u8, "mistral-small-latest"u8);
        json.WriteString("region"u8, "eu"u8);
        json.WriteNumber("confidence"u8, 0.82);
        json.WriteString("padding"u8, Padding);
    });

    private static readonly byte[] Content = new byte[1024];
    private static readonly string Padding = new('x', 300);

    /// <summary>The same columns and sizes, without a chain.</summary>
    private sealed class PlainInsert(NpgsqlDataSource source)
    {
        private static readonly string Body = Encoding.UTF8.GetString(new byte[700].Select(static _ => (byte)'x').ToArray());
        private static readonly byte[] Hash = new byte[32];
        private long sequence;

        public async Task WriteAsync(Guid organization)
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var enter = new NpgsqlCommand("SELECT set_config('app.organization_id', $1, true)", connection, transaction))
            {
                enter.Parameters.Add(new NpgsqlParameter<string> { TypedValue = organization.ToString() });
                await enter.ExecuteNonQueryAsync();
            }

            await using var insert = new NpgsqlCommand("""
                INSERT INTO audit_logs (organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """, connection, transaction);
            // Sequences far above the chain's own, so that both contenders grow the same table and indexes.
            object[] values = [organization, 1_000_000_000 + Interlocked.Increment(ref sequence), Guid.CreateVersion7(), DateTime.UnixEpoch, "chat.completed", organization, Body, Content, organization, Hash, Hash];
            foreach (var value in values)
                insert.Parameters.Add(new NpgsqlParameter { Value = value });
            await insert.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
    }
}
