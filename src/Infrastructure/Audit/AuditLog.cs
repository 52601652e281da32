using System.Collections.Concurrent;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The only writer of <c>audit_logs</c>. Its contract: a place in the chain that is durable, or an error; never dropped, never twice.</summary>
internal sealed partial class AuditLog(TenantDatabase database, ChainWriter chain, TimeProvider clock, ILogger<AuditLog> logger) : IAsyncDisposable
{
    /// <summary>How long to go on trying with an entry whose event cannot be undone any more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Entries that one transaction takes at most: past it the batch's own work outweighs the commit that it saves.</summary>
    private const int BatchLimit = 256;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Queue> queues = new();

    /// <summary>
    /// Joins the caller's transaction, as its last statement: a domain row and its entry commit together or not at all.
    /// </summary>
    public async Task<AuditReceipt> AppendAsync(TenantTransaction transaction, AuditEntry entry, CancellationToken cancellationToken) =>
        (await chain.AppendAsync(transaction, [entry], cancellationToken))[0];

    /// <summary>As above, for a change that is more than one event.</summary>
    /// <returns>Receipts in the order of the entries.</returns>
    public Task<AuditReceipt[]> AppendAsync(TenantTransaction transaction, IReadOnlyList<AuditEntry> several, CancellationToken cancellationToken) =>
        chain.AppendAsync(transaction, several, cancellationToken);

    /// <summary>
    /// Group commit: concurrent callers of one organization share a transaction. Returns after the commit.
    /// </summary>
    /// <param name="patience">How long to go on trying while PostgreSQL is away; zero tries once. Retries never write twice: the entry's id decides.</param>
    /// <exception cref="NpgsqlException">PostgreSQL stayed away longer than the patience, or refused the entry.</exception>
    public Task<AuditReceipt> AppendAsync(AuditEntry entry, TimeSpan patience = default)
    {
        var waiting = new Waiting(entry, clock.GetTimestamp(), patience);
        var queue = queues.GetOrAdd(entry.OrganizationId, static _ => new Queue());
        queue.Add(waiting, () => DrainAsync(entry.OrganizationId, queue));
        return waiting.Receipt.Task;
    }

    /// <summary>Appends an entry whose id someone else may be appending too; the id decides.</summary>
    /// <returns>Null when the log has it already.</returns>
    public async Task<AuditReceipt?> AppendOnceAsync(AuditEntry entry)
    {
        await using var transaction = await database.BeginAsync(entry.OrganizationId, CancellationToken.None);
        try
        {
            var receipt = await AppendAsync(transaction, entry, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            return receipt;
        }
        catch (PostgresException known) when (known.ConstraintName == "audit_logs_id_key")
        {
            return null;
        }
    }

    /// <summary>Waits until what was given to the log is written, or given up: a server that stops loses nothing that it still holds.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(queues.Values.Select(static queue => queue.Draining));

    /// <summary>Runs while the organization has entries waiting; at most one runs for an organization in this process.</summary>
    private async Task DrainAsync(Guid organization, Queue queue)
    {
        // Leave the caller's thread at once, so that callers on other threads can join the first batch.
        await Task.Yield();
        var pause = FirstPause;
        while (queue.Take(BatchLimit) is { } batch)
        {
            try
            {
                var receipts = await WriteAsync(organization, batch);
                for (var index = 0; index < batch.Count; index++)
                    batch[index].Receipt.SetResult(receipts[index]);
                pause = FirstPause;

                // Whoever was waiting goes first: with more to write, they join the next batch instead of the one after. `make bench`: 2.5 times the rate.
                await Task.Yield();
            }
            catch (Exception failure) when (!Transient(failure) && batch.Count > 1)
            {
                // One entry that PostgreSQL refuses must not take the others with it: each goes alone now, with the patience it has left.
                foreach (var waiting in batch)
                    waiting.Alone = true;
                queue.Return(batch);
            }
            catch (Exception failure)
            {
                var retried = GiveUpOrKeep(batch, failure);
                if (retried.Count == 0)
                    continue;

                LogRetry(organization, retried.Count, failure.GetType().Name);
                await Task.Delay(pause, clock);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                queue.Return(retried);
            }
        }
    }

    private async Task<AuditReceipt[]> WriteAsync(Guid organization, List<Waiting> batch)
    {
        await using var transaction = await database.BeginAsync(organization, CancellationToken.None);
        var written = batch.Exists(static waiting => waiting.Attempted) ? await FindWrittenAsync(transaction, batch) : [];
        foreach (var waiting in batch)
            waiting.Attempted = true;

        var missing = written.Count == 0 ? batch : batch.FindAll(waiting => !written.ContainsKey(waiting.Entry.Id));
        if (missing.Count > 0)
        {
            var receipts = await chain.AppendAsync(transaction, missing.ConvertAll(static waiting => waiting.Entry), CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            if (written.Count == 0)
                return receipts;
            foreach (var receipt in receipts)
                written.Add(receipt.Id, receipt);
        }

        return batch.ConvertAll(waiting => written[waiting.Entry.Id]).ToArray();
    }

    /// <summary>A commit whose answer was lost may have happened: what is in the log already is not written again.</summary>
    private static async Task<Dictionary<Guid, AuditReceipt>> FindWrittenAsync(TenantTransaction transaction, List<Waiting> batch)
    {
        // That commit may still be under way. It has the chain's lock, so whoever gets the lock knows how it ended.
        await ChainWriter.LockAsync(transaction, CancellationToken.None);
        var receipts = await transaction.ListAsync(
            "SELECT id, sequence, entry_hash FROM audit_logs WHERE organization_id = $1 AND id = ANY($2)",
            [transaction.OrganizationId, batch.ConvertAll(static waiting => waiting.Entry.Id).ToArray()],
            static row => new AuditReceipt(row.GetGuid(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)),
            CancellationToken.None);
        return receipts.ToDictionary(static receipt => receipt.Id);
    }

    /// <summary>Fails the callers whose patience is over, or all of them when trying again cannot help; returns the others.</summary>
    private List<Waiting> GiveUpOrKeep(List<Waiting> batch, Exception failure)
    {
        var kept = new List<Waiting>();
        foreach (var waiting in batch)
        {
            if (Transient(failure) && clock.GetElapsedTime(waiting.Since) < waiting.Patience)
            {
                kept.Add(waiting);
                continue;
            }

            LogLost(waiting.Entry.Id, waiting.Entry.Type, Problems.Summary(failure));
            waiting.Receipt.SetException(failure);
        }

        return kept;
    }

    private static bool Transient(Exception failure) => failure is NpgsqlException { IsTransient: true } or TimeoutException or IOException
        or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow };

    [LoggerMessage(1001, LogLevel.Warning, "The audit log of organization {Organization} could not be written ({Failure}); trying again with {Count} entries")]
    private partial void LogRetry(Guid organization, int count, string failure);

    [LoggerMessage(1002, LogLevel.Critical, "Audit entry {Entry} of type {Type} could not be written: {Failure}")]
    private partial void LogLost(Guid entry, string type, string failure);

    private sealed class Waiting(AuditEntry entry, long since, TimeSpan patience)
    {
        public AuditEntry Entry { get; } = entry;

        public long Since { get; } = since;

        public TimeSpan Patience { get; } = patience;

        /// <summary>True once it was in a batch that PostgreSQL refused: it shares no other.</summary>
        public bool Alone { get; set; }

        /// <summary>True once a transaction with this entry was sent: it may have committed even if it seemed to fail.</summary>
        public bool Attempted { get; set; }

        public TaskCompletionSource<AuditReceipt> Receipt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Queue
    {
        private readonly Lock gate = new();
        private readonly LinkedList<Waiting> entries = new();
        private bool draining;

        /// <summary>The latest drain; completed when nothing is left.</summary>
        public Task Draining { get; private set; } = Task.CompletedTask;

        /// <param name="drain">Begins to drain; called when nobody drains the queue yet.</param>
        public void Add(Waiting waiting, Func<Task> drain)
        {
            lock (gate)
            {
                entries.AddLast(waiting);
                if (draining)
                    return;
                draining = true;
                Draining = drain();
            }
        }

        /// <returns>Entries to write, returned ones first; null when there are none, and then draining is over.</returns>
        public List<Waiting>? Take(int limit)
        {
            lock (gate)
            {
                if (entries.First is not { Value: var first })
                {
                    draining = false;
                    return null;
                }

                var batch = new List<Waiting>(Math.Min(limit, entries.Count));
                do
                {
                    batch.Add(entries.First!.Value);
                    entries.RemoveFirst();
                }
                while (!first.Alone && batch.Count < limit && entries.First is { Value.Alone: false });
                return batch;
            }
        }

        public void Return(List<Waiting> batch)
        {
            lock (gate)
            {
                for (var index = batch.Count - 1; index >= 0; index--)
                    entries.AddFirst(batch[index]);
            }
        }
    }
}
