namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>The files of one embedding model, present but not yet read.</summary>
internal sealed record EmbeddingModel(string GraphPath, string TokenizerPath)
{
    private const string Graph = "model.onnx";
    private const string Weights = "model.onnx_data";
    private const string Tokenizer = "sentencepiece.bpe.model";

    /// <summary>A graph that keeps its weights in another file is smaller than this; a larger one is not searched for that file's name.</summary>
    private const long LargestBareGraph = 64 << 20;

    /// <summary>Looks for a model in the folder that <c>LEXCUSTIS_EMBEDDINGS_DIR</c> names.</summary>
    /// <exception cref="EmbeddingException">Names the file that is missing.</exception>
    public static EmbeddingModel Locate(string directory)
    {
        if (!Directory.Exists(directory))
            throw new EmbeddingException($"LEXCUSTIS_EMBEDDINGS_DIR names {directory}, which is no folder; it wants one that holds {Graph} and {Tokenizer}.");

        var graph = Path.Combine(directory, Graph);
        var tokenizer = Path.Combine(directory, Tokenizer);
        foreach (var (path, content) in new[] { (graph, "the model itself"), (tokenizer, "the model's tokenizer") })
        {
            if (!File.Exists(path)) throw new EmbeddingException($"LEXCUSTIS_EMBEDDINGS_DIR lacks {Path.GetFileName(path)}, {content}: {path} isn't there.");
            if (new FileInfo(path).Length == 0) throw new EmbeddingException($"LEXCUSTIS_EMBEDDINGS_DIR holds an empty {Path.GetFileName(path)}: {path} has no content.");
        }

        if (!File.Exists(Path.Combine(directory, Weights)) && KeepsWeightsApart(graph))
            throw new EmbeddingException($"LEXCUSTIS_EMBEDDINGS_DIR lacks {Weights}, in which {Graph} keeps its weights: both are needed, side by side.");
        return new EmbeddingModel(graph, tokenizer);
    }

    private static bool KeepsWeightsApart(string graph)
    {
        try
        {
            return new FileInfo(graph).Length < LargestBareGraph && File.ReadAllBytes(graph).AsSpan().IndexOf("model.onnx_data"u8) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddingException($"{graph} can't be read: {e.Message}", e);
        }
    }
}
