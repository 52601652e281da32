using LexCustis.Tests.Infrastructure.Retrieval.Embedding;

namespace LexCustis.Tests.Harness;

/// <summary>
/// A folder for <c>LEXCUSTIS_EMBEDDINGS_DIR</c>: BGE-M3's architecture, tiny, with random weights. Its vectors mean nothing, but the same text has
/// the same one: so a passage is nearest to a question of the same words.
/// </summary>
internal sealed class TinyModel : IDisposable
{
    public TinyModel(int hidden = 16)
    {
        new XlmRobertaGraph(EmbeddingFixtures.Tokenizer().VocabularySize + 1, hidden).Save(Path.Combine(Folder, "model.onnx"), new Export());
        File.Copy(EmbeddingFixtures.TinyModel, Path.Combine(Folder, "sentencepiece.bpe.model"));
    }

    public string Folder { get; } = EmbeddingFixtures.NewFolder();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
