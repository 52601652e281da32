using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Tests.Infrastructure.Retrieval.Embedding;

namespace LexCustis.Tests.Harness;

/// <summary>
/// A folder for <c>LEXCUSTIS_EMBEDDINGS_DIR</c>: BGE-M3's architecture, tiny, with random weights. Its vectors mean nothing, but the same text has
/// the same one: so a passage is nearest to a question of the same words.
/// </summary>
internal sealed class TinyModel : IDisposable
{
    private readonly UnigramTokenizer tokenizer = EmbeddingFixtures.Tokenizer();
    private readonly XlmRobertaGraph graph;

    /// <param name="endlessBeyond">A text of more tokens is computed for ever; null: none is.</param>
    public TinyModel(int hidden = 16, int? endlessBeyond = null)
    {
        graph = new XlmRobertaGraph(tokenizer.VocabularySize + 1, hidden);
        graph.Save(Path.Combine(Folder, "model.onnx"), new Export { EndlessBeyond = endlessBeyond });
        File.Copy(EmbeddingFixtures.TinyModel, Path.Combine(Folder, "sentencepiece.bpe.model"));
    }

    public string Folder { get; } = EmbeddingFixtures.NewFolder();

    public int CountTokens(string text) => tokenizer.Count(text);

    /// <summary>Of the texts' vectors, by a forward pass that has nothing in common with the product's.</summary>
    public double Cosine(string one, string other)
    {
        double[] VectorOf(string text) => graph.Forward(tokenizer.Encode(text, Embedder.MaxTokens));
        return VectorOf(one).Zip(VectorOf(other), static (a, b) => a * b).Sum();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
