using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>The embedding model as retrieval sees it: perhaps absent, loaded at its first use.</summary>
internal sealed class Embeddings : IDisposable
{
    private readonly EmbeddingModel? _model;
    private readonly Embedder? _embedder;
    private readonly Lazy<Task<string>> _name;

    // A question must not wait behind documents and answers: these leave one of the places free, where there are two.
    private readonly SemaphoreSlim _background;

    // A document's passages come by the dozen and line up here, so that an answer's statement waits for those under way and not for all.
    private readonly SemaphoreSlim _passages;

    public Embeddings(RetrievalSettings settings)
    {
        _model = settings.Model;
        _embedder = _model is null ? null : new Embedder(_model, settings.Concurrency);
        _name = new Lazy<Task<string>>(() => Task.Run(() => _model!.ReadName()));
        PassagesAtOnce = Math.Max(1, settings.Concurrency - 1);
        _background = new SemaphoreSlim(PassagesAtOnce, PassagesAtOnce);
        _passages = new SemaphoreSlim(PassagesAtOnce, PassagesAtOnce);
    }

    /// <summary>False where no model is set: then nothing else here may be called.</summary>
    public bool Enabled => _embedder is not null;

    public int PassagesAtOnce { get; }

    /// <summary>Loads and tests the model unless that was done.</summary>
    /// <exception cref="EmbeddingException">It can't be used; the message says why.</exception>
    public async ValueTask<EmbeddingModelIdentity> LoadAsync(CancellationToken cancellationToken)
    {
        var name = _name.Value;
        var dimension = await _embedder!.LoadAsync(cancellationToken);
        return new EmbeddingModelIdentity(await name.WaitAsync(cancellationToken), dimension);
    }

    public ValueTask<float[]> EmbedQuestionAsync(string text, CancellationToken cancellationToken) => _embedder!.EmbedAsync(text, cancellationToken);

    public async Task<float[]> EmbedPassageAsync(string text, CancellationToken cancellationToken)
    {
        await _passages.WaitAsync(cancellationToken);
        try
        {
            return await EmbedInBackgroundAsync(text, cancellationToken);
        }
        finally
        {
            _passages.Release();
        }
    }

    /// <summary>A statement of an answer: behind questions, in turn with documents.</summary>
    public Task<float[]> EmbedStatementAsync(string text, CancellationToken cancellationToken) =>
        EmbedInBackgroundAsync(text, cancellationToken);

    public void Dispose()
    {
        _embedder?.Dispose();
        _background.Dispose();
        _passages.Dispose();
    }

    private async Task<float[]> EmbedInBackgroundAsync(string text, CancellationToken cancellationToken)
    {
        await _background.WaitAsync(cancellationToken);
        try
        {
            return await _embedder!.EmbedAsync(text, cancellationToken);
        }
        finally
        {
            _background.Release();
        }
    }
}
