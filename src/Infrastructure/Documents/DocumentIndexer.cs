using LexCustis.Infrastructure.Documents.Extraction;
using LexCustis.Infrastructure.Documents.Passages;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Text;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Infrastructure.Documents;

/// <summary>Indexes what is queued, in every server, a bounded number at once. docs/documents.md tells a document's life.</summary>
internal sealed partial class DocumentIndexer(
    DocumentQueue queue, TextExtractor extractor, PassageVectors vectors, MissingVectors missing, DocumentSettings settings, TimeProvider clock, ILogger<DocumentIndexer> logger) : BackgroundService
{
    /// <summary>Times that one document is taken before it is given up.</summary>
    private const int MostAttempts = 6;

    /// <summary>A page of prose is two or three passages.</summary>
    private const int PassagesPerPage = 10;

    /// <summary>How often a server looks for what others have queued or left.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan RenewalInterval = DocumentQueue.Lease / 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var slots = new SemaphoreSlim(settings.Workers);
        try
        {
            while (true)
            {
                await slots.WaitAsync(stoppingToken);
                if (await TakeAsync(stoppingToken) is { } claim)
                    _ = RunAsync(claim, slots, stoppingToken);
                else
                {
                    slots.Release();
                    await queue.Arrived.WaitAsync(Interval, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Those that run end soon: each gives its document back.
            for (var ended = 0; ended < settings.Workers; ended++)
                await slots.WaitAsync(CancellationToken.None);
        }
    }

    private async Task<DocumentClaim?> TakeAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await queue.ClaimAsync(stoppingToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogQueueAway(Problems.Summary(failure));
            return null;
        }
    }

    /// <summary>One document, to whatever end; never throws.</summary>
    private async Task RunAsync(DocumentClaim claim, SemaphoreSlim slots, CancellationToken stoppingToken)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(claim, work);
        try
        {
            // Off the thread that takes documents: reading one computes for a while before it first waits.
            await Task.Run(() => IndexAsync(claim, work.Token), work.Token);
        }
        catch (Exception failure)
        {
            await SettleAsync(claim, failure, work.IsCancellationRequested, stoppingToken);
        }
        finally
        {
            await work.CancelAsync();
            await renewing;
            slots.Release();
        }
    }

    private async Task IndexAsync(DocumentClaim claim, CancellationToken cancellationToken)
    {
        // The last one ended without a word, as every one before it: its server was killed, perhaps by this very document.
        if (claim.Attempt > MostAttempts)
            throw new UnreadableDocumentException(Unreadable.Interrupted);

        var text = await extractor.ReadAsync(claim.Format, await queue.ReadFileAsync(claim, cancellationToken), cancellationToken);
        var passages = PassageCutter.Cut(text, settings.MaxPages * PassagesPerPage);
        int? pages = claim.Format.HasPages ? text.PageStarts.Count : null;
        var stored = await queue.ReplacePassagesAsync(claim, passages, pages, LanguageGuess.Of(text.Text).Language, cancellationToken);
        await EmbedAsync(claim, cancellationToken);
        await queue.FinishAsync(claim, stored.Count, cancellationToken);
        LogIndexed(claim.DocumentId, stored.Count);
    }

    /// <summary>
    /// Gives the passages their vectors, where there is a model. They are found by their words already: so a model or a store that can't be used leaves
    /// the document ready, and <see cref="MissingVectors"/> makes up for the vectors.
    /// </summary>
    private async Task EmbedAsync(DocumentClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            if (!await vectors.WriteAsync(claim.OrganizationId, claim.DocumentId, (done, token) => queue.ReportAsync(claim, done, token), cancellationToken))
                throw new ClaimLostException();
            missing.BackAgain.Send();
        }
        catch (Exception failure) when (failure is EmbeddingException or VectorStoreException)
        {
            await missing.NoteAsync(claim.OrganizationId, claim.DocumentId, failure, cancellationToken);
        }
    }

    /// <summary>Keeps the claim while the work goes on, and ends the work when the claim is lost.</summary>
    private async Task RenewAsync(DocumentClaim claim, CancellationTokenSource work)
    {
        using var timer = new PeriodicTimer(RenewalInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(work.Token))
            {
                try
                {
                    await queue.RenewAsync(claim, work.Token);
                }
                catch (ClaimLostException)
                {
                    await work.CancelAsync();
                }
                catch (NpgsqlException failure)
                {
                    // The work goes on: whatever it writes, it writes only if the claim still stands.
                    LogQueueAway(Problems.Summary(failure));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
    }

    /// <summary>Decides what becomes of a document whose indexing did not end well.</summary>
    /// <param name="cancelled">Whether the work was told to end.</param>
    private async Task SettleAsync(DocumentClaim claim, Exception failure, bool cancelled, CancellationToken stoppingToken)
    {
        try
        {
            switch (failure)
            {
                case ClaimLostException:
                    LogLost(claim.DocumentId);
                    break;
                case OperationCanceledException when stoppingToken.IsCancellationRequested:
                    await queue.ReturnAsync(claim, TimeSpan.Zero, counts: false, CancellationToken.None);
                    break;
                case OperationCanceledException when cancelled:
                    // By the renewal, which found the claim lost.
                    LogLost(claim.DocumentId);
                    break;
                case UnreadableDocumentException unreadable:
                    LogUnreadable(claim.DocumentId, unreadable.Reason.Code);
                    await queue.FailAsync(claim, unreadable.Reason, CancellationToken.None);
                    break;
                case var _ when claim.Attempt >= MostAttempts:
                    LogGivenUp(claim.DocumentId, claim.Attempt, Problems.Summary(failure));
                    await queue.FailAsync(claim, IsTransient(failure) ? Unreadable.Unavailable : Unreadable.Internal, CancellationToken.None);
                    break;
                default:
                    var pause = Pause(claim.Attempt);
                    LogRetry(claim.DocumentId, claim.Attempt, pause.TotalSeconds, Problems.Summary(failure));
                    await queue.ReturnAsync(claim, pause, counts: true, CancellationToken.None);
                    break;
            }
        }
        catch (ClaimLostException)
        {
            LogLost(claim.DocumentId);
        }
        catch (Exception away)
        {
            // The claim runs out by itself, and then any server takes the document again.
            LogQueueAway(Problems.Summary(away));
        }
    }

    /// <summary>What stays away and comes back: the database, a service. Anything else is a fault of ours.</summary>
    private static bool IsTransient(Exception failure) => Problems.DatabaseIsAway(failure) || failure is TimeoutException or IOException or HttpRequestException or OperationCanceledException;

    private static TimeSpan Pause(int attempt)
    {
        var pause = FirstPause * Math.Pow(4, attempt - 1);
        return pause < LongestPause ? pause : LongestPause;
    }

    [LoggerMessage(1601, LogLevel.Information, "Indexed document {Document}: {Passages} passages")]
    private partial void LogIndexed(Guid document, int passages);

    [LoggerMessage(1602, LogLevel.Information, "Document {Document} cannot be read: {Reason}")]
    private partial void LogUnreadable(Guid document, string reason);

    [LoggerMessage(1603, LogLevel.Information, "Document {Document} was deleted, or taken by another server, while it was indexed")]
    private partial void LogLost(Guid document);

    [LoggerMessage(1604, LogLevel.Warning, "Indexing document {Document} failed at attempt {Attempt}; trying again in {Seconds} s: {Failure}")]
    private partial void LogRetry(Guid document, int attempt, double seconds, string failure);

    [LoggerMessage(1605, LogLevel.Error, "Document {Document} is given up after {Attempts} attempts: {Failure}")]
    private partial void LogGivenUp(Guid document, int attempts, string failure);

    [LoggerMessage(1606, LogLevel.Warning, "The queue of documents cannot be reached: {Failure}")]
    private partial void LogQueueAway(string failure);
}
