using System.Buffers;
using System.Text;
using LexCustis.Infrastructure.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Puts entries at the end of an organization's chain, inside the caller's transaction: takes the organization's lock, reads the last
/// row, hashes, and writes the whole batch with one statement. The lock is held until that transaction ends, so call it last.
/// </summary>
internal sealed class ChainWriter(MasterKeys masterKeys, TimeProvider clock)
{
    // Two statements, so that the second one's snapshot is taken after the lock is held and sees what the last holder committed.
    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('lexcustis.audit_chain.' || $1::text, 0))";
    private const string Head = "SELECT sequence, entry_hash FROM audit_logs WHERE organization_id = $1 ORDER BY sequence DESC LIMIT 1";

    private const string Insert = """
        INSERT INTO audit_logs (organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash)
        SELECT $1, row.* FROM unnest($2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::uuid[], $7::text[], $8::bytea[], $9::uuid[], $10::bytea[], $11::bytea[]) AS row
        """;

    /// <summary>Waits until every other transaction that appends to this chain has ended, and keeps further ones out.</summary>
    public static Task LockAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(Lock, [transaction.OrganizationId], cancellationToken);

    /// <summary>Appends in the order given.</summary>
    /// <returns>One receipt an entry; true only once the caller's transaction commits.</returns>
    public async Task<AuditReceipt[]> AppendAsync(TenantTransaction transaction, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var organization = transaction.OrganizationId;
        var connection = transaction.TakeChain();
        var (sequence, previousHash) = await LockHeadAsync(connection, organization, cancellationToken);

        var kid = masterKeys.Current;
        var chainKey = masterKeys.ChainKey(kid, organization);
        var rows = new Rows(entries.Count);
        var receipts = new AuditReceipt[entries.Count];
        var body = new ArrayBufferWriter<byte>(1024);
        for (var index = 0; index < entries.Count; index++)
        {
            var entry = entries[index];
            if (entry.OrganizationId != organization)
                throw new InvalidOperationException($"Entry {entry.Id} belongs to another organization than the transaction.");

            var at = AuditEncoder.Microseconds(clock.GetUtcNow());
            body.ResetWrittenCount();
            AuditEncoder.WriteBody(body, entry, kid, ++sequence, at);
            var entryHash = new byte[AuditEncoder.HashLength];
            AuditEncoder.Hash(chainKey, previousHash, body.WrittenSpan, entryHash);
            rows.Set(index, entry, sequence, at, Encoding.UTF8.GetString(body.WrittenSpan), previousHash, entryHash);
            receipts[index] = new AuditReceipt(entry.Id, sequence, entryHash);
            previousHash = entryHash;
        }

        await using var insert = new NpgsqlCommand(Insert, connection);
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = organization });
        rows.AddTo(insert.Parameters);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return receipts;
    }

    private static async Task<(long Sequence, byte[] EntryHash)> LockHeadAsync(NpgsqlConnection connection, Guid organization, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = organization } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Head) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = organization } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))
            : (0, AuditEncoder.Genesis);
    }

    /// <summary>The batch, column by column, as <c>unnest</c> takes it.</summary>
    private sealed class Rows(int count)
    {
        private readonly long[] sequences = new long[count];
        private readonly Guid[] ids = new Guid[count];
        private readonly DateTime[] times = new DateTime[count];
        private readonly string[] types = new string[count];
        private readonly Guid?[] users = new Guid?[count];
        private readonly string[] bodies = new string[count];
        private readonly byte[]?[] contents = new byte[]?[count];
        private readonly Guid?[] subjects = new Guid?[count];
        private readonly byte[][] previousHashes = new byte[count][];
        private readonly byte[][] entryHashes = new byte[count][];

        public void Set(int index, AuditEntry entry, long sequence, DateTimeOffset at, string body, byte[] previousHash, byte[] entryHash)
        {
            sequences[index] = sequence;
            ids[index] = entry.Id;
            times[index] = at.UtcDateTime;
            types[index] = entry.Type;
            users[index] = entry.Actor?.UserId;
            bodies[index] = body;
            contents[index] = entry.Content;
            subjects[index] = entry.SubjectId;
            previousHashes[index] = previousHash;
            entryHashes[index] = entryHash;
        }

        public void AddTo(NpgsqlParameterCollection parameters)
        {
            Add(NpgsqlDbType.Bigint, sequences);
            Add(NpgsqlDbType.Uuid, ids);
            Add(NpgsqlDbType.TimestampTz, times);
            Add(NpgsqlDbType.Text, types);
            Add(NpgsqlDbType.Uuid, users);
            Add(NpgsqlDbType.Text, bodies);
            Add(NpgsqlDbType.Bytea, contents);
            Add(NpgsqlDbType.Uuid, subjects);
            Add(NpgsqlDbType.Bytea, previousHashes);
            Add(NpgsqlDbType.Bytea, entryHashes);

            void Add<T>(NpgsqlDbType type, T[] values) =>
                parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        }
    }
}
