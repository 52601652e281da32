using System.Buffers.Binary;
using System.Security.Cryptography;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// The data keys that encrypt what people typed: one a person and calendar month (UTC), so that a person can be erased and a month can
/// expire without touching the chain. The month is that of the entry's id (a UUID v7), which stands from a turn's beginning, however long
/// it lasts. Kept no longer than a turn or a transaction: an emptied key must not live on in a server's memory.
/// </summary>
internal sealed partial class SubjectKeys(MasterKeys masterKeys, TimeProvider clock, ILogger<SubjectKeys> logger)
{
    private const int KeyLength = 32;

    /// <summary>
    /// The person's key for an entry to come, made if it is the month's first use. The statement that makes it holds the person's row
    /// against an erasure: one that is under way is waited for and then decides, one that comes later finds the key and empties it.
    /// </summary>
    /// <returns>Null when the key or the person was erased: nothing may be encrypted for this person again.</returns>
    public async Task<byte[]?> ForAsync(TenantTransaction transaction, Guid subject, Guid entry, CancellationToken cancellationToken)
    {
        var month = MonthOf(entry);
        if (await FindAsync(transaction, subject, month, cancellationToken) is { } known)
            return Unwrap(transaction.OrganizationId, known);

        var kid = masterKeys.Current;
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        var wrapped = SealedBox.Seal(masterKeys.SubjectWrapKey(kid, transaction.OrganizationId), key);
        var inserted = await transaction.ExecuteAsync("""
            INSERT INTO subject_keys (organization_id, subject_id, month, kid, wrapped_key, created_at)
            SELECT $1, users.id, $3, $4, $5, $6 FROM users WHERE users.organization_id = $1 AND users.id = $2 AND users.erased_at IS NULL FOR SHARE
            ON CONFLICT ON CONSTRAINT subject_keys_pkey DO NOTHING
            """, [transaction.OrganizationId, subject, month, kid, wrapped, clock.GetUtcNow().UtcDateTime], cancellationToken);
        if (inserted == 1)
            return key;

        // Another turn of the same person made it first, whose commit the insert waited for; or the person was erased, and there is none.
        var other = await FindAsync(transaction, subject, month, cancellationToken);
        return other is null ? null : Unwrap(transaction.OrganizationId, other);
    }

    /// <summary>Empties all keys of a person: what they said can never be read again. The caller has marked the person as erased before.</summary>
    public Task<int> EraseAsync(TenantTransaction transaction, Guid subject, CancellationToken cancellationToken) => transaction.ExecuteAsync(
        "UPDATE subject_keys SET wrapped_key = NULL, erased_at = $3 WHERE organization_id = $1 AND subject_id = $2 AND wrapped_key IS NOT NULL",
        [transaction.OrganizationId, subject, clock.GetUtcNow().UtcDateTime], cancellationToken);

    /// <summary>Empties everyone's keys of the months before <paramref name="first"/>.</summary>
    /// <returns>The months that had keys, oldest first.</returns>
    public Task<List<DateOnly>> ExpireAsync(TenantTransaction transaction, DateOnly first, CancellationToken cancellationToken) => transaction.ListAsync("""
        WITH emptied AS (
            UPDATE subject_keys SET wrapped_key = NULL, erased_at = $3 WHERE organization_id = $1 AND month < $2 AND wrapped_key IS NOT NULL RETURNING month
        )
        SELECT DISTINCT month FROM emptied ORDER BY month
        """, [transaction.OrganizationId, first, clock.GetUtcNow().UtcDateTime], static row => row.GetFieldValue<DateOnly>(0), cancellationToken);

    /// <summary>Wraps keys under the current master key that are under an older, still configured one. A key that is emptied meanwhile stays empty.</summary>
    /// <returns>How many there were, at most <paramref name="limit"/>.</returns>
    public async Task<int> RewrapAsync(TenantTransaction transaction, int limit, CancellationToken cancellationToken)
    {
        var current = masterKeys.Current;
        var older = await transaction.ListAsync("""
            SELECT subject_id, month, kid, wrapped_key FROM subject_keys
            WHERE organization_id = $1 AND kid <> $2 AND kid = ANY($3) AND wrapped_key IS NOT NULL
            ORDER BY subject_id, month LIMIT $4
            """, [transaction.OrganizationId, current, masterKeys.Kids, limit],
            static row => (Subject: row.GetGuid(0), Month: row.GetFieldValue<DateOnly>(1), Key: new StoredKey(row.GetString(2), row.GetFieldValue<byte[]>(3))), cancellationToken);
        if (older.Count == 0)
            return 0;

        var wrapKey = masterKeys.SubjectWrapKey(current, transaction.OrganizationId);
        await transaction.ExecuteAsync("""
            UPDATE subject_keys SET kid = $2, wrapped_key = again.wrapped_key
            FROM unnest($3::uuid[], $4::date[], $5::bytea[], $6::bytea[]) AS again (subject_id, month, old_key, wrapped_key)
            WHERE subject_keys.organization_id = $1 AND subject_keys.subject_id = again.subject_id AND subject_keys.month = again.month
              AND subject_keys.wrapped_key = again.old_key
            """,
            [
                transaction.OrganizationId, current, older.ConvertAll(static key => key.Subject).ToArray(), older.ConvertAll(static key => key.Month).ToArray(),
                older.ConvertAll(static key => key.Key.Wrapped!).ToArray(),
                older.ConvertAll(key => SealedBox.Seal(wrapKey, Unwrap(transaction.OrganizationId, key.Key)!)).ToArray(),
            ], cancellationToken);
        return older.Count;
    }

    /// <summary>Reads contents within one transaction, each key fetched once.</summary>
    public Reader ReaderFor(TenantTransaction transaction) => new(this, transaction);

    public static byte[] Seal(byte[] key, Guid entry, ReadOnlySpan<byte> content)
    {
        Span<byte> associated = stackalloc byte[16];
        entry.TryWriteBytes(associated, bigEndian: true, out _);
        return SealedBox.Seal(key, content, associated);
    }

    public static byte[] Open(byte[] key, Guid entry, ReadOnlySpan<byte> content)
    {
        Span<byte> associated = stackalloc byte[16];
        entry.TryWriteBytes(associated, bigEndian: true, out _);
        return SealedBox.Open(key, content, associated);
    }

    /// <summary>The month (UTC) in which the id was made: RFC 9562, section 5.7. An id with a time past all calendars belongs to their last month.</summary>
    public static DateOnly MonthOf(Guid entry)
    {
        Span<byte> bytes = stackalloc byte[16];
        entry.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16 & 0xFFFF_FFFF_FFFF;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
        return new DateOnly(time.Year, time.Month, 1);
    }

    private static Task<StoredKey?> FindAsync(TenantTransaction transaction, Guid subject, DateOnly month, CancellationToken cancellationToken) => transaction.FirstAsync(
        "SELECT kid, wrapped_key FROM subject_keys WHERE organization_id = $1 AND subject_id = $2 AND month = $3",
        [transaction.OrganizationId, subject, month],
        static row => new StoredKey(row.GetString(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)), cancellationToken);

    private byte[]? Unwrap(Guid organization, StoredKey stored)
    {
        if (stored.Wrapped is null)
            return null;
        if (!masterKeys.Knows(stored.Kid))
            throw new CryptographicException($"Content is encrypted under master key {stored.Kid}, which LEXCUSTIS_MASTER_KEYS does not have: add it after the current key.");
        return SealedBox.Open(masterKeys.SubjectWrapKey(stored.Kid, organization), stored.Wrapped);
    }

    internal sealed class Reader(SubjectKeys owner, TenantTransaction transaction)
    {
        private readonly Dictionary<(Guid, DateOnly), byte[]?> keys = [];

        /// <summary>Decrypts an entry's content, as far as that goes: one that somebody changed must not keep others from being read.</summary>
        /// <param name="subject">Null, as <paramref name="content"/>, of an entry in which nobody said anything.</param>
        public async Task<EntryContent> OpenAsync(Guid? subject, Guid entry, byte[]? content, CancellationToken cancellationToken)
        {
            if (content is null || subject is not { } person)
                return EntryContent.None;
            try
            {
                return await KeyAsync(person, MonthOf(entry), cancellationToken) is { } key ? EntryContent.Of(Open(key, entry, content)) : EntryContent.Erased;
            }
            catch (CryptographicException mismatch)
            {
                owner.LogUnreadable(entry, mismatch.Message);
                return EntryContent.Unreadable;
            }
        }

        private async Task<byte[]?> KeyAsync(Guid subject, DateOnly month, CancellationToken cancellationToken)
        {
            if (!keys.TryGetValue((subject, month), out var key))
            {
                var found = await FindAsync(transaction, subject, month, cancellationToken);
                keys.Add((subject, month), key = found is null ? null : owner.Unwrap(transaction.OrganizationId, found));
            }

            return key;
        }
    }

    [LoggerMessage(1151, LogLevel.Error, "The content of audit entry {Entry} cannot be read: it was changed, or its key does not fit; run `lexcustis verify-audit`. {Failure}")]
    private partial void LogUnreadable(Guid entry, string failure);

    private sealed record StoredKey(string Kid, byte[]? Wrapped);
}
