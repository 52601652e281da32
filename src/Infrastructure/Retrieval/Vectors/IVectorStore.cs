namespace LexCustis.Infrastructure.Retrieval.Vectors;

/// <summary>One organization's vectors of one model, or the shared knowledge base's.</summary>
/// <param name="Organization">Null for the knowledge base.</param>
internal readonly record struct VectorSpace(Guid? Organization, EmbeddingModelIdentity Model);

/// <summary>Which model makes the vectors.</summary>
/// <param name="Name">Of its files: the same name, the same vectors.</param>
/// <param name="Dimension">The length of each vector.</param>
internal sealed record EmbeddingModelIdentity(string Name, int Dimension);

/// <param name="Id">The passage's.</param>
/// <param name="Values">Of length 1.</param>
internal readonly record struct PassageVector(Guid Id, float[] Values);

/// <summary>
/// Keeps vectors by the ids of their passages and finds the nearest. A call never reaches beyond its space. Every write may be repeated.
/// All of them throw <see cref="VectorStoreException"/> when the store is down, slow or refuses, and nothing else but a cancellation.
/// </summary>
internal interface IVectorStore
{
    /// <summary>As <c>document_vectors.store</c> has it.</summary>
    string Name { get; }

    /// <summary>Writes a document's vectors, or writes over them; makes the space where there is none.</summary>
    /// <returns>False when the document is gone.</returns>
    Task<bool> UpsertAsync(VectorSpace space, Guid document, IReadOnlyList<PassageVector> vectors, CancellationToken cancellationToken);

    /// <returns>The ids of the document's vectors that are of the space's model.</returns>
    Task<HashSet<Guid>> ListAsync(VectorSpace space, Guid document, CancellationToken cancellationToken);

    /// <summary>Takes away the document's vectors, of whatever model, but for those of these ids.</summary>
    Task KeepOnlyAsync(VectorSpace space, Guid document, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Takes away all of the space, whatever model made it.</summary>
    Task DropAsync(VectorSpace space, CancellationToken cancellationToken);

    /// <returns>The vectors of these ids, in any order, as far as the space has them.</returns>
    Task<IReadOnlyList<PassageVector>> ReadAsync(VectorSpace space, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <returns>The nearest, best first. May name passages that are gone: look each up.</returns>
    Task<IReadOnlyList<VectorHit>> SearchAsync(VectorSpace space, ReadOnlyMemory<float> query, int limit, CancellationToken cancellationToken);
}

/// <summary>The store can't be used now. The message is for the operator; it has no text of any document.</summary>
internal sealed class VectorStoreException(string message, Exception? inner = null) : Exception(message, inner);
