using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>
/// Takes away the vectors of deleted documents: what <c>vector_removals</c> lists, which the deletion itself wrote. Twice, the second time an hour
/// later, because a server that was still indexing the document may have written one more. Any server may do it, several at once do no harm.
/// </summary>
internal sealed partial class VectorSweeper(TenantDirectory directory, TenantDatabase database, PassageVectors vectors, TimeProvider clock, ILogger<VectorSweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Longer than any server indexes a document that is no more.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Looks once.</summary>
    /// <returns>The documents swept.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var removals = await directory.FindVectorRemovalsAsync(clock.GetUtcNow(), cancellationToken);
        foreach (var (organization, document, swept) in removals)
        {
            await vectors.RemoveAsync(organization, document, cancellationToken);
            await using var transaction = await database.BeginAsync(organization, cancellationToken);
            await transaction.ExecuteAsync(swept
                ? "DELETE FROM vector_removals WHERE organization_id = $1 AND document_id = $2 AND due_at <= $3"
                : "UPDATE vector_removals SET swept = true, due_at = $3 WHERE organization_id = $1 AND document_id = $2 AND NOT swept",
                [organization, document, swept ? clock.GetUtcNow() : clock.GetUtcNow() + Grace], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return removals.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    while (await SweepAsync(stoppingToken) > 0)
                    {
                        // There may be more.
                    }
                }
                catch (VectorStoreException failure)
                {
                    LogStoreAway(failure.Message);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogFailed(failure.GetType().Name);
                }

                await vectors.Deleted.WaitAsync(Interval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(1531, LogLevel.Warning, "Vectors of deleted documents wait to be swept: {Reason} Trying again in a minute")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(1532, LogLevel.Warning, "Could not look for vectors of deleted documents ({Failure}); trying again in a minute")]
    private partial void LogFailed(string failure);
}
