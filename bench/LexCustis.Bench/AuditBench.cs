using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Bench;

/// <summary>
/// One organization with a million entries, written by the product's own encoder: verification against the rate at which one client copies
/// the same columns out of PostgreSQL, proofs, and checkpoints of a tree that grew by little and by much.
/// </summary>
internal static class AuditBench
{
    private const int Entries = 1_000_000;
    private const int Rounds = 5;
    private const int Proofs = 300;

    public static async Task RunAsync()
    {
        var entries = int.TryParse(Environment.GetEnvironmentVariable("BENCH_ENTRIES"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : Entries;
        await using var source = Open("BENCH_DATABASE_URL");
        await using var superuser = Open("BENCH_SUPERUSER_URL");
        if (!MasterKeys.TryParse("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", out var masterKeys, out var reason))
            throw new InvalidOperationException(reason);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (!CheckpointKeys.TryParse(key.ExportPkcs8PrivateKeyPem(), out var keys, out reason))
            throw new InvalidOperationException(reason);

        var anchors = Directory.CreateTempSubdirectory("lexcustis-bench-");
        try
        {
            var settings = CheckpointSettings.Off with { Keys = keys, LogOrigin = "bench.example.org", Anchors = new AnchorDirectory(anchors.FullName) };
            var database = new TenantDatabase(source);
            var bench = new Measurements(database, superuser, new LogMaker(superuser, masterKeys), new Checkpointer(database, settings, TimeProvider.System),
                new AuditVerifier(database, masterKeys, settings, TimeProvider.System));
            await bench.MakeAsync(entries);
            await bench.VerifyAsync();
            await bench.ProveAsync(entries);
            await bench.GrowAsync(entries);
        }
        finally
        {
            anchors.Delete(recursive: true);
        }
    }

    private static NpgsqlDataSource Open(string variable)
    {
        var url = Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"{variable} is not set: run scripts/bench audit.");
        return DatabaseUrl.TryParse(url, out var database, out var reason) ? PostgresServices.Open(database) : throw new InvalidOperationException(reason);
    }

    private sealed class Measurements(TenantDatabase database, NpgsqlDataSource superuser, LogMaker log, Checkpointer checkpointer, AuditVerifier verifier)
    {
        public async Task MakeAsync(int entries)
        {
            var watch = Stopwatch.StartNew();
            await log.AppendAsync(entries);
            await ExecuteAsync(superuser, "VACUUM ANALYZE audit_logs");
            await ExecuteAsync(superuser, "CHECKPOINT");
            var size = await ScalarAsync("SELECT pg_total_relation_size('audit_logs')");
            Say($"one organization, {entries:N0} entries, {size / 1e6:N0} MB with indexes, made in {watch.Elapsed.TotalSeconds:N0} s");

            watch.Restart();
            await TakeAsync(entries);
            Say($"{"first checkpoint, all of it hashed",-44} {watch.Elapsed.TotalSeconds,10:N1} s");
            Say($"{"the tree's rows",-44} {await ScalarAsync("SELECT pg_total_relation_size('audit_tree_nodes')") / 1e6,10:N1} MB");
        }

        /// <summary>Interleaved, so that what else the machine does meets all alike.</summary>
        public async Task VerifyAsync()
        {
            var copy = new Figures("COPY of the same columns, one client", "entries/s");
            var one = new Figures("verification, one segment at a time", "entries/s");
            var two = new Figures("verification, two at a time", "entries/s");
            for (var round = -1; round < Rounds; round++)
            {
                var (a, b, c) = (await CopyAsync(), await VerifyAsync(1), await VerifyAsync(2));
                if (round < 0)
                    continue; // warm-up
                copy.Add(a);
                one.Add(b);
                two.Add(c);
            }

            copy.Print();
            one.Print();
            two.Print();
            Say($"two at a time: {two.Median / copy.Median:N2} of the copy's rate, {two.Median / one.Median:N2} of one at a time");
            Say($"{"resident, after them",-44} {Environment.WorkingSet / 1e6,10:N0} MB");
        }

        public async Task ProveAsync(int entries)
        {
            var random = new Random(20261122);
            var inclusion = new Figures("inclusion proof", "ms");
            var consistency = new Figures("consistency proof", "ms");
            for (var number = 0; number < Proofs; number++)
            {
                var watch = Stopwatch.StartNew();
                await using var transaction = await database.BeginAsync(log.Organization, CancellationToken.None);
                var latest = await CheckpointStore.LatestAsync(transaction, CancellationToken.None);
                await AuditProofs.InclusionAsync(transaction, 1 + random.Next(entries), latest!, CancellationToken.None);
                inclusion.Add(watch.Elapsed.TotalMilliseconds);
                watch.Restart();
                await AuditProofs.ConsistencyAsync(transaction, 1 + random.Next(entries), latest!, CancellationToken.None);
                consistency.Add(watch.Elapsed.TotalMilliseconds);
            }

            inclusion.Print();
            consistency.Print();
        }

        public async Task GrowAsync(int entries)
        {
            foreach (var growth in new[] { 1, 100, 1_000, 10_000, 100_000 })
            {
                var figures = new Figures($"checkpoint of {growth:N0} more", "ms");
                for (var round = 0; round < (growth < 10_000 ? Rounds : 1); round++)
                {
                    await log.AppendAsync(growth);
                    entries += growth;
                    var watch = Stopwatch.StartNew();
                    await TakeAsync(entries);
                    figures.Add(watch.Elapsed.TotalMilliseconds);
                }

                figures.Print();
            }
        }

        private async Task TakeAsync(int entries)
        {
            var (latest, refusal) = await checkpointer.TakeAsync(log.Organization, CancellationToken.None);
            if (latest?.Size != entries || refusal is not null)
                throw new InvalidOperationException($"{latest?.Size} of {entries}: {refusal?.Detail}");
        }

        private async Task<double> VerifyAsync(int parallelism)
        {
            var watch = Stopwatch.StartNew();
            var report = await verifier.VerifyAsync(log.Organization, null, CancellationToken.None, parallelism);
            if (!report.Valid)
                throw new InvalidOperationException(report.Findings[0].ToString());
            return report.Rows / watch.Elapsed.TotalSeconds;
        }

        /// <summary>What an optimal reader would do: take the bytes and look at none.</summary>
        private async Task<double> CopyAsync()
        {
            await using var transaction = await database.BeginAsync(log.Organization, CancellationToken.None);
            var rows = await transaction.ScalarAsync<long>("SELECT max(sequence) FROM audit_logs WHERE organization_id = $1", [log.Organization], CancellationToken.None);
            var watch = Stopwatch.StartNew();
            await using (var stream = await transaction.CopyAsync($"""
                COPY (SELECT organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash
                      FROM audit_logs WHERE organization_id = '{log.Organization}') TO STDOUT (FORMAT binary)
                """, CancellationToken.None))
            {
                var buffer = new byte[1 << 17];
                while (await stream.ReadAsync(buffer) > 0)
                {
                }
            }

            return rows / watch.Elapsed.TotalSeconds;
        }

        private async Task<long> ScalarAsync(string sql)
        {
            await using var command = superuser.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    /// <summary>Writes what the product would write, by COPY and as superuser, since a million commits are not what is measured here.</summary>
    internal sealed class LogMaker(NpgsqlDataSource superuser, MasterKeys masterKeys)
    {
        private static readonly byte[] Content = RandomNumberGenerator.GetBytes(1024);
        private static readonly string Padding = new('x', 300);
        private static readonly DateTimeOffset PostgresEpoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly Guid user = Guid.CreateVersion7();
        private byte[] previous = AuditEncoder.Genesis;
        private long sequence;

        public Guid Organization { get; } = Guid.CreateVersion7();

        public async Task AppendAsync(int count)
        {
            if (sequence == 0)
            {
                await ExecuteAsync(superuser, $"INSERT INTO organizations (id, name, created_at) VALUES ('{Organization}', 'Bench', now())");
                await ExecuteAsync(superuser, $"""
                    INSERT INTO subject_keys (organization_id, subject_id, month, kid, wrapped_key, created_at)
                    SELECT '{Organization}', '{user}', date_trunc('month', now() AT TIME ZONE 'UTC')::date, 'k1', '\x00', now()
                    """);
            }

            await using var connection = await superuser.OpenConnectionAsync();
            await using var stream = await connection.BeginRawBinaryCopyAsync("""
                COPY audit_logs (organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash) FROM STDIN (FORMAT binary)
                """);
            var rows = new ArrayBufferWriter<byte>(1 << 20);
            rows.Write((ReadOnlySpan<byte>)[.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, .. new byte[8]]);
            var body = new ArrayBufferWriter<byte>(1024);
            var chainKey = masterKeys.ChainKey(masterKeys.Current, Organization);
            var actor = new Actor(user, "member", "session");
            for (var number = 0; number < count; number++)
            {
                var at = AuditEncoder.Microseconds(TimeProvider.System.GetUtcNow());
                var entry = AuditEntries.ChatCompleted(Guid.CreateVersion7(at), Organization, actor, Content, static json =>
                {
                    json.WriteString("outcome"u8, "completed"u8);
                    json.WriteString("provider"u8, "mistral"u8);
                    json.WriteString("model"u8, "mistral-small-latest"u8);
                    json.WriteString("region"u8, "eu"u8);
                    json.WriteNumber("confidence"u8, 0.82);
                    json.WriteString("padding"u8, Padding);
                });
                body.ResetWrittenCount();
                AuditEncoder.WriteBody(body, entry, masterKeys.Current, ++sequence, at);
                var hash = new byte[AuditEncoder.HashLength];
                AuditEncoder.Hash(chainKey, previous, body.WrittenSpan, hash);
                WriteRow(rows, entry, at, body.WrittenSpan, hash);
                previous = hash;
                if (rows.WrittenCount > 1 << 20)
                {
                    await stream.WriteAsync(rows.WrittenMemory);
                    rows.ResetWrittenCount();
                }
            }

            WriteNumber(rows, (short)-1);
            await stream.WriteAsync(rows.WrittenMemory);
        }

        private void WriteRow(ArrayBufferWriter<byte> rows, AuditEntry entry, DateTimeOffset at, ReadOnlySpan<byte> body, byte[] hash)
        {
            Span<byte> number = stackalloc byte[8];
            WriteNumber(rows, (short)11);
            WriteField(rows, entry.OrganizationId.ToByteArray(bigEndian: true));
            BinaryPrimitives.WriteInt64BigEndian(number, sequence);
            WriteField(rows, number);
            WriteField(rows, entry.Id.ToByteArray(bigEndian: true));
            BinaryPrimitives.WriteInt64BigEndian(number, (at - PostgresEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            WriteField(rows, number);
            WriteField(rows, Encoding.UTF8.GetBytes(entry.Type));
            WriteField(rows, entry.Actor!.UserId.ToByteArray(bigEndian: true));
            WriteField(rows, body);
            WriteField(rows, entry.Content);
            WriteField(rows, entry.SubjectId!.Value.ToByteArray(bigEndian: true));
            WriteField(rows, previous);
            WriteField(rows, hash);
        }

        private static void WriteField(ArrayBufferWriter<byte> rows, ReadOnlySpan<byte> value)
        {
            BinaryPrimitives.WriteInt32BigEndian(rows.GetSpan(4), value.Length);
            rows.Advance(4);
            rows.Write(value);
        }

        private static void WriteNumber(ArrayBufferWriter<byte> rows, short number)
        {
            BinaryPrimitives.WriteInt16BigEndian(rows.GetSpan(2), number);
            rows.Advance(2);
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    private static void Say(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
