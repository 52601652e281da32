namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>
/// Turns text into vectors in this process. The model is loaded at its first use; a load that failed stays failed, because a wrong file
/// doesn't mend itself while its readers wait.
/// </summary>
/// <param name="concurrency">How many texts run at once, each on one thread; callers beyond that wait their turn.</param>
internal sealed class Embedder(EmbeddingModel model, int concurrency) : IDisposable
{
    /// <summary>BGE-M3's longest input, start and end included; what lies behind it does not count towards the vector.</summary>
    public const int MaxTokens = 8192;

    private readonly SemaphoreSlim _turns = new(concurrency, concurrency);
    private readonly Lazy<UnigramTokenizer> _tokenizer = new(() => UnigramTokenizer.Load(model.TokenizerPath));
    private readonly Lock _gate = new();
    private Task<EmbeddingSession>? _session;
    private bool _disposed;

    /// <summary>For counting and placing tokens; needs the model's tokenizer file alone, which the first use reads.</summary>
    /// <exception cref="EmbeddingException">The file is damaged.</exception>
    public UnigramTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>Loads and tests the model unless that was done, and tells the length of its vectors.</summary>
    /// <exception cref="EmbeddingException">The model, its tokenizer or ONNX Runtime can't be used.</exception>
    public async ValueTask<int> LoadAsync(CancellationToken cancellationToken) => (await SessionAsync(cancellationToken)).Dimension;

    /// <summary>The text's vector, of length 1. The same text gives the same vector, whatever runs beside it.</summary>
    /// <exception cref="EmbeddingException">The model, its tokenizer or ONNX Runtime can't be used, or the run failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a run under way is stopped.</exception>
    public async ValueTask<float[]> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var session = await SessionAsync(cancellationToken);
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => session.Embed(Tokenizer.Encode(text, MaxTokens), cancellationToken), cancellationToken);
        }
        catch (OnnxException e)
        {
            throw new EmbeddingException($"Embedding a text failed: {e.Message}", e);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Runs under way still give their vectors; texts that wait are refused like new ones.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;

            // Of a load that failed nothing is left to release, and its callers have been told.
            _ = _session?.ContinueWith(
                static loaded => loaded.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private Task<EmbeddingSession> SessionAsync(CancellationToken cancellationToken)
    {
        Task<EmbeddingSession> session;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            // Not the caller's token: others wait for the same load.
            session = _session ??= Task.Run(() => new EmbeddingSession(OnnxRuntime.Shared, model, Tokenizer), CancellationToken.None);
        }

        return session.WaitAsync(cancellationToken);
    }
}
