using LexCustis.Infrastructure.Lifecycle;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>
/// Makes up for vectors that a ready document lacks, because the store or the model was away when it was indexed or because there was no model then.
/// One document at a time in every server, each taken by one of them. docs/retrieval.md tells when it tries again.
/// </summary>
internal sealed partial class MissingVectors(TenantDirectory directory, TenantDatabase database, PassageVectors vectors, ILogger<MissingVectors> logger)
    : BackgroundService
{
    /// <summary>How long a document waits whose server died; longer than any processor takes for the passages between two reports.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>How often a server looks; less and less often while what it tries fails.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(8);

    /// <summary>Sent when vectors were written just now: whatever was away is back, and what is due is tried at once.</summary>
    public Nudge BackAgain { get; } = new();

    /// <summary>Notes that the vectors of a document just indexed could not be written; they are tried again after a while.</summary>
    public async Task NoteAsync(Guid organization, Guid document, Exception failure, CancellationToken cancellationToken)
    {
        const int Attempts = 1;
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        await transaction.ExecuteAsync("""
            INSERT INTO missing_vectors (document_id, organization_id, reason, attempts, due_at)
            SELECT id, organization_id, $3, $4, now() + make_interval(secs => $5) FROM documents WHERE organization_id = $1 AND id = $2 FOR KEY SHARE
            ON CONFLICT (document_id) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, due_at = excluded.due_at
            """, [organization, document, ReasonOf(failure), Attempts, PauseAfter(Attempts).TotalSeconds], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogPostponed(document, Attempts, PauseAfter(Attempts).TotalMinutes, failure.Message);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!vectors.Enabled)
            return;
        try
        {
            var pause = Interval;
            while (true)
            {
                pause = await WriteAllAsync(stoppingToken) ? Interval : TimeSpan.FromTicks(Math.Min(LongestInterval.Ticks, 2 * pause.Ticks));
                if (await BackAgain.WaitAsync(pause, stoppingToken))
                    pause = Interval;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <returns>False when something is away.</returns>
    private async Task<bool> WriteAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await directory.ClaimMissingVectorsAsync(Lease, cancellationToken) is { } claim)
            {
                if (!await WriteAsync(claim, cancellationToken))
                    return false;
            }

            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(Problems.Summary(failure));
            return false;
        }
    }

    private async Task<bool> WriteAsync(ClaimedVectors claim, CancellationToken cancellationToken)
    {
        try
        {
            if (await vectors.WriteAsync(claim.OrganizationId, claim.DocumentId, (_, token) => PutOffAsync(claim, Lease, null, token), cancellationToken))
                LogWritten(claim.DocumentId);
            return true;
        }
        catch (Exception failure) when (failure is VectorStoreException or EmbeddingException)
        {
            var pause = PauseAfter(claim.Attempts);
            if (await PutOffAsync(claim, pause, ReasonOf(failure), cancellationToken))
                LogPostponed(claim.DocumentId, claim.Attempts, pause.TotalMinutes, failure.Message);
            else
                LogTakenOver(claim.DocumentId);
            return false;
        }
        catch (OperationCanceledException)
        {
            await PutOffAsync(claim, TimeSpan.Zero, null, CancellationToken.None);
            throw;
        }
    }

    /// <returns>
    /// False when the document is gone, or when another server has taken over, because this one was silent for longer than the lease: it counted an attempt of its own.
    /// </returns>
    private async Task<bool> PutOffAsync(ClaimedVectors claim, TimeSpan pause, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        var held = await transaction.ExecuteAsync("""
            UPDATE missing_vectors SET due_at = now() + make_interval(secs => $4), reason = coalesce($5, reason)
            WHERE organization_id = $1 AND document_id = $2 AND attempts = $3
            """, [claim.OrganizationId, claim.DocumentId, claim.Attempts, pause.TotalSeconds, reason], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return held > 0;
    }

    private static string ReasonOf(Exception failure) => (failure is EmbeddingException ? RetrievalTrouble.Embedding : RetrievalTrouble.VectorStore).Reason;

    private static TimeSpan PauseAfter(int attempts) => TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (2 * Math.Min(attempts - 1, 10))));

    [LoggerMessage(1541, LogLevel.Warning, "Document {Document} is found by its words alone for now: attempt {Attempt} to write its vectors failed, the next is in {Minutes} min: {Reason}")]
    private partial void LogPostponed(Guid document, int attempt, double minutes, string reason);

    [LoggerMessage(1542, LogLevel.Information, "The missing vectors of document {Document} are written")]
    private partial void LogWritten(Guid document);

    [LoggerMessage(1544, LogLevel.Information, "Document {Document}, whose vectors could not be written, was deleted or taken over by another server meanwhile")]
    private partial void LogTakenOver(Guid document);

    [LoggerMessage(1543, LogLevel.Warning, "Could not look for documents without vectors: {Failure}")]
    private partial void LogFailed(string failure);
}
