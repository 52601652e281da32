namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>
/// A loaded XLM-RoBERTa encoder that turns ids into a vector of length 1: the hidden state of the first token, normalised
/// (BGE-M3's dense retrieval, Chen et al. 2024, arXiv:2402.03216). Safe for use by many threads at once. A text runs alone, because an
/// int8 model's vectors depend on their neighbours in a batch.
/// </summary>
internal sealed class EmbeddingSession : IDisposable
{
    private const string Probe = "The model is awake: it gives the same vector twice.";

    /// <summary>The names that exporters use, best first: hidden states, from which we pool, then vectors that were pooled in the graph.</summary>
    private static readonly string[] OutputNames = ["last_hidden_state", "token_embeddings", "dense_vecs", "sentence_embedding"];

    private readonly OnnxSession _session;
    private readonly int _vocabularySize;
    private readonly OnnxPort _output;

    /// <summary>Loads the graph, matches its inputs and outputs, and tests it on a fixed sentence.</summary>
    /// <exception cref="EmbeddingException">The file is damaged, is another kind of model, or doesn't belong to the tokenizer.</exception>
    public EmbeddingSession(OnnxRuntime runtime, EmbeddingModel model, UnigramTokenizer tokenizer)
    {
        _vocabularySize = tokenizer.VocabularySize;
        try
        {
            _session = runtime.Open(model.GraphPath);
        }
        catch (OnnxException e)
        {
            throw new EmbeddingException($"{model.GraphPath} can't be loaded: {e.Message}", e);
        }

        try
        {
            CheckInputs();
            _output = FindOutput();
            Dimension = Test(tokenizer);
        }
        catch (Exception e) when (e is EmbeddingException or OnnxException)
        {
            _session.Dispose();
            throw new EmbeddingException($"{model.GraphPath} can't be used: {e.Message}", e);
        }
    }

    /// <summary>The length of every vector.</summary>
    public int Dimension { get; }

    /// <param name="ids">As <see cref="UnigramTokenizer.Encode"/> gives them.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled, before the run or during it.</exception>
    /// <exception cref="OnnxException">The run failed, e.g. for want of memory.</exception>
    public float[] Embed(long[] ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            // The graph would take -1 for the last row of its table without a word.
            if (id < 0 || id >= _vocabularySize) throw new ArgumentOutOfRangeException(nameof(ids), id, $"An id must be in 0 to {_vocabularySize - 1}.");
        }

        var inputs = new (OnnxPort Port, long[] Values)[_session.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = (_session.Inputs[i], Values(_session.Inputs[i].Name, ids));
        var vector = _session.Run(inputs, _output, cancellationToken);
        Normalize(vector);
        return vector;
    }

    public void Dispose() => _session.Dispose();

    private static long[] Values(string input, long[] ids)
    {
        switch (input)
        {
            case "input_ids":
                return ids;
            case "attention_mask":
                var mask = new long[ids.Length];
                Array.Fill(mask, 1);
                return mask;
            case "position_ids":
                // XLM-RoBERTa counts from the padding's id + 1.
                var positions = new long[ids.Length];
                for (var i = 0; i < positions.Length; i++) positions[i] = i + UnigramTokenizer.PaddingId + 1;
                return positions;
            case "token_type_ids":
                return new long[ids.Length];
            default:
                throw new EmbeddingException($"it wants an input {input}, which no XLM-RoBERTa has.");
        }
    }

    private static void Normalize(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var x in vector) squares += (double)x * x;
        var length = Math.Sqrt(squares);
        if (!double.IsFinite(length) || length == 0) throw new EmbeddingException("its vector has no direction: it is zero or not a number.");
        for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] / length);
    }

    private void CheckInputs()
    {
        if (!_session.Inputs.Any(i => string.Equals(i.Name, "input_ids", StringComparison.Ordinal)))
            throw new EmbeddingException($"it has no input input_ids, but {List(_session.Inputs)}.");
        foreach (var input in _session.Inputs)
        {
            Values(input.Name, []);
            if (input.Type is not (OnnxType.Int64 or OnnxType.Int32) || input.Rank != 2)
                throw new EmbeddingException($"its input {input.Name} is no matrix of whole numbers.");
        }
    }

    private OnnxPort FindOutput()
    {
        var usable = _session.Outputs.Where(o => o.Type is OnnxType.Single or OnnxType.Half && o.Rank is 2 or 3).ToList();
        foreach (var name in OutputNames)
        {
            if (usable.Find(o => string.Equals(o.Name, name, StringComparison.Ordinal)) is { } known) return known;
        }

        return usable.Count == 1
            ? usable[0]
            : throw new EmbeddingException($"none of its outputs ({List(_session.Outputs)}) is known as hidden states or as a vector.");
    }

    private static string List(IEnumerable<OnnxPort> ports) => string.Join(", ", ports.Select(p => p.Name));

    private int Test(UnigramTokenizer tokenizer)
    {
        var ids = tokenizer.Encode(Probe, 64);
        var vector = Embed(ids, CancellationToken.None);
        if (!vector.AsSpan().SequenceEqual(Embed(ids, CancellationToken.None))) throw new EmbeddingException("it gives two vectors for one text.");

        try
        {
            Embed([UnigramTokenizer.StartId, _vocabularySize - 1, UnigramTokenizer.EndId], CancellationToken.None);
        }
        catch (OnnxException e)
        {
            throw new EmbeddingException($"its vocabulary is smaller than the tokenizer's {_vocabularySize}, so the two files don't belong together ({e.Message}).", e);
        }

        return vector.Length;
    }
}
