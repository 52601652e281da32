using System.Collections.Concurrent;
using System.Threading.Channels;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// Compares an answer by meaning with its sources, for <see cref="Grounding"/>: statement by statement while it streams, so that little is
/// left to do at its end. Nothing here fails or holds up the turn: what could not be compared is judged by words alone.
/// </summary>
internal sealed partial class AnswerComparison(
    AdmittedTurn turn, Embeddings embeddings, PassageVectors passages, TimeSpan patience, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>
    /// UTF-16 code units. What is longer is no sentence but a table or code without end: its first part would not speak for the whole, and
    /// the memory that embedding takes grows with the square of the length.
    /// </summary>
    private const int LongestStatement = 2_000;

    private readonly GrowingStatements statements = new();
    private readonly Channel<Statement> settled =
        Channel.CreateUnbounded<Statement>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly ConcurrentDictionary<(int Start, int End), double?[]> cosines = [];

    // Never disposed: it has neither timer nor handle, and the work may look at it when the turn is just over.
    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;

    /// <summary>To be called before all else: the sources' vectors are read while the model thinks.</summary>
    public void Begin() => work = Task.Run(CompareAsync, CancellationToken.None);

    /// <summary>The next piece of the answer; returns at once.</summary>
    public void Add(string piece) => Send(statements.Append(piece));

    /// <summary>Ends the comparison.</summary>
    /// <param name="answer">All that was added.</param>
    /// <param name="wait">Whether the answer is whole and somebody waits for it: then its last statements get some patience.</param>
    /// <returns>See <see cref="Grounding.Assess(string, IReadOnlyList{Passage}, Nullable{double}[][])"/>.</returns>
    public async Task<double?[]?[]?> EndAsync(string answer, bool wait)
    {
        Send(statements.End());
        settled.Writer.Complete();
        // Being late is no failure: what is there by then is used.
        if (wait)
            await work.WaitAsync(patience, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
        return cosines.IsEmpty ? null : [.. Grounding.Statements(answer).Select(statement => cosines.GetValueOrDefault(statement))];
    }

    /// <summary>Stops the request or the model's run under way, on another thread: nobody waits for that.</summary>
    public void Dispose() => _ = stop.CancelAsync();

    private void Send(IReadOnlyList<Statement> some)
    {
        foreach (var statement in some)
            settled.Writer.TryWrite(statement);
    }

    /// <summary>One statement after another, so that a turn takes one of the embedder's places at most.</summary>
    private async Task CompareAsync()
    {
        try
        {
            var sources = await passages.FindAsync(turn.Tenant.OrganizationId, turn.Sources, stop.Token);
            if (sources.All(static source => source is null))
                return;
            await foreach (var statement in settled.Reader.ReadAllAsync(stop.Token))
            {
                if (statement.Text.Length > LongestStatement)
                    continue;
                var vector = await embeddings.EmbedStatementAsync(statement.Text, stop.Token);
                cosines[(statement.Start, statement.End)] =
                    [.. sources.Select(source => source is null ? (double?)null : ExactVectors.Dot(vector, source))];
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // The turn has what it needs: how this ended, stopped or failed in being stopped, is nobody's concern.
        }
        catch (Exception failure)
        {
            // Whatever it is, the turn goes on.
            LogLeftOut(turn.Id, failure is EmbeddingException or VectorStoreException ? failure.Message : Problems.Summary(failure));
        }
    }

    [LoggerMessage(1203, LogLevel.Warning, "The answer of turn {Turn}, or its rest, is compared with sources by words alone: {Failure}")]
    private partial void LogLeftOut(Guid turn, string failure);
}

/// <summary>Decides whether a turn's answer is to be compared by meaning.</summary>
internal sealed class AnswerComparisons(
    Embeddings embeddings, PassageVectors passages, RetrievalSettings settings, TimeProvider clock, ILogger<AnswerComparison> logger)
{
    /// <returns>A comparison that has begun; null where words alone are to judge.</returns>
    public AnswerComparison? Begin(AdmittedTurn turn)
    {
        if (!embeddings.Enabled || turn.Sources.Count == 0)
            return null;
        // It quotes its sources: all the words of a quotation are there.
        if (turn.Provider.Name == ProviderNames.Extractive)
            return null;
        // What failed or was late for the question, a moment ago, is left in peace.
        if (turn.Degraded.Contains(RetrievalTrouble.Embedding) || turn.Degraded.Contains(RetrievalTrouble.VectorStore))
            return null;
        var comparison = new AnswerComparison(turn, embeddings, passages, settings.GroundingWait, clock, logger);
        comparison.Begin();
        return comparison;
    }
}
