using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>The embedding model as retrieval sees it: perhaps absent, loaded at its first use.</summary>
internal sealed class Embeddings : IDisposable
{
    private readonly EmbeddingModel? _model;
    private readonly Embedder? _embedder;
    private readonly Lazy<Task<string>> _name;

    // A question must not wait behind a document's passages: these leave one of the places free, where there are two.
    private readonly SemaphoreSlim _passages;

    public Embeddings(RetrievalSettings settings)
    {
        _model = settings.Model;
        _embedder = _model is null ? null : new Embedder(_model, settings.Concurrency);
        _name = new Lazy<Task<string>>(() => Task.Run(() => _model!.ReadName()));
        PassagesAtOnce = Math.Max(1, settings.Concurrency - 1);
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
            return await _embedder!.EmbedAsync(text, cancellationToken);
        }
        finally
        {
            _passages.Release();
        }
    }

    public void Dispose()
    {
        _embedder?.Dispose();
        _passages.Dispose();
    }
}
