using System.Security.Cryptography;

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

    /// <summary>
    /// Names the model by its content, e.g. <c>sha256:0123456789abcdef</c>: a hash over the files, which reads each from end to end.
    /// The same files have the same name on every machine; vectors of different names don't compare.
    /// </summary>
    /// <exception cref="EmbeddingException">A file can't be read.</exception>
    public string ReadName()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var path in new[] { GraphPath, Path.Combine(Path.GetDirectoryName(GraphPath)!, Weights), TokenizerPath })
        {
            try
            {
                if (!File.Exists(path)) continue;
                using var file = File.OpenRead(path);
                hash.AppendData(BitConverter.GetBytes(file.Length));
                for (int read; (read = file.Read(buffer)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new EmbeddingException($"{path} can't be read: {e.Message}", e);
            }
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}";
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
