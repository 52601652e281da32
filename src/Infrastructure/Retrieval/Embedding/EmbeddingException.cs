namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>The model, its tokenizer or ONNX Runtime can't be used. The message is for the operator: it names the file and what to do.</summary>
internal sealed class EmbeddingException(string message, Exception? inner = null) : Exception(message, inner);
