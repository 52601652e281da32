using LexCustis.Infrastructure.Retrieval.Embedding;

namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

/// <summary>Runs alone, because it measures this process's memory and fills its processors.</summary>
[CollectionDefinition(nameof(EmbedderTests), DisableParallelization = true)]
public sealed class EmbedderTestsAlone;

[Collection(nameof(EmbedderTests))]
public sealed class EmbedderTests : IDisposable
{
    private static readonly UnigramTokenizer Tokenizer = EmbeddingFixtures.Tokenizer();

    /// <summary>XLM-RoBERTa's table has one row more than its tokenizer, for the mask.</summary>
    private static readonly int Vocabulary = Tokenizer.VocabularySize + 1;

    private static readonly XlmRobertaGraph Model = new(Vocabulary);

    private readonly string _folder = EmbeddingFixtures.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Exports => [.. ExportsByName.Keys];

    private static Dictionary<string, Export> ExportsByName { get; } = new(StringComparer.Ordinal)
    {
        ["plain"] = new Export(),
        ["inputs in another order"] = new Export { Inputs = ["attention_mask", "token_type_ids", "input_ids"] },
        ["positions from outside"] = new Export { Inputs = ["position_ids", "input_ids", "attention_mask"] },
        ["32-bit inputs"] = new Export { InputType = OnnxWriter.Int32, Inputs = ["token_type_ids", "input_ids", "attention_mask"] },
        ["a useless output first"] = new Export { Decoy = "pooler_output" },
        ["hidden states by another name"] = new Export { Output = "token_embeddings", Decoy = "logits" },
        ["pooled in the graph"] = new Export { Output = "dense_vecs", Pooled = true, Decoy = "sparse_vecs" },
        ["one unknown output"] = new Export { Output = "output_0" },
        ["weights in a second file"] = new Export { ExternalName = "model.onnx_data" },
    };

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task Equals_the_independent_forward_pass(string export)
    {
        using var embedder = Make(ExportsByName[export]);
        Assert.Equal(16, await embedder.LoadAsync(CancellationToken.None));
        var source = new MultilingualText(1);
        foreach (var text in new[] { "", "a", "The log is append-only.", "日志只增不减", source.Text(40), source.Text(160) })
        {
            var vector = await embedder.EmbedAsync(text, CancellationToken.None);
            var expected = Model.Forward(Tokenizer.Encode(text, Embedder.MaxTokens));
            Assert.Equal(expected.Length, vector.Length);
            for (var i = 0; i < vector.Length; i++) Assert.Equal(expected[i], vector[i], 1e-5);
            Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5);
        }
    }

    [Fact]
    public async Task Reads_half_precision_outputs()
    {
        using var embedder = Make(new Export { OutputType = OnnxWriter.Half });
        var vector = await embedder.EmbedAsync("half", CancellationToken.None);
        var expected = Model.Forward(Tokenizer.Encode("half", Embedder.MaxTokens));
        for (var i = 0; i < vector.Length; i++) Assert.Equal(expected[i], vector[i], 2e-3);
        Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5);
    }

    [Fact]
    public async Task Different_texts_get_different_vectors()
    {
        using var embedder = Make(new Export());
        var one = await embedder.EmbedAsync("The auditor changes nothing.", CancellationToken.None);
        var other = await embedder.EmbedAsync("The auditor changes everything.", CancellationToken.None);
        Assert.True(one.Zip(other).Sum(p => p.First * p.Second) < 0.9999);
    }

    /// <summary>The tiny model has positions for 8,192 tokens, no more: one token too many would fail the run.</summary>
    [Fact]
    public async Task Truncates_at_8192_tokens()
    {
        using var embedder = Make(new Export());
        var text = new MultilingualText(3).Text(9_000);
        Assert.True(Tokenizer.Count(text) > Embedder.MaxTokens);
        var vector = await embedder.EmbedAsync(text, CancellationToken.None);
        Assert.Equal(vector, await embedder.EmbedAsync(text + " and what comes behind changes nothing", CancellationToken.None));
        Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5);
    }

    [Fact]
    public async Task Cancels_a_run_under_way_and_serves_the_next()
    {
        using var embedder = Make(new Export { EndlessBeyond = 100 }, concurrency: 1);
        await embedder.LoadAsync(CancellationToken.None);
        using var source = new CancellationTokenSource();
        var run = embedder.EmbedAsync(new MultilingualText(3).Text(200), source.Token).AsTask();
        await Task.Delay(200, CancellationToken.None);
        Assert.False(run.IsCompleted);
        await source.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(source.Token, cancelled.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await embedder.EmbedAsync("late", source.Token));
        Assert.Equal(16, (await embedder.EmbedAsync("next", CancellationToken.None)).Length);
    }

    [Fact]
    public async Task Cancelling_while_waiting_for_a_turn_leaves_the_turns_whole()
    {
        using var embedder = Make(new Export(), concurrency: 1);
        await embedder.LoadAsync(CancellationToken.None);
        using var source = new CancellationTokenSource();
        var first = embedder.EmbedAsync(new MultilingualText(3).Text(2_000), CancellationToken.None).AsTask();
        var waiting = Enumerable.Range(0, 20).Select(i => embedder.EmbedAsync($"{i}", source.Token).AsTask()).ToList();
        await source.CancelAsync();
        foreach (var task in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        await first;
        await embedder.EmbedAsync("still there", CancellationToken.None);
    }

    [Fact]
    public async Task Eight_at_once_give_the_vectors_of_one_by_one()
    {
        using var embedder = Make(new Export(), concurrency: 8);
        var source = new MultilingualText(9);
        var texts = Enumerable.Range(0, 200).Select(i => source.Text(1 + (i % 50))).ToList();
        var alone = new List<float[]>();
        foreach (var text in texts) alone.Add(await embedder.EmbedAsync(text, CancellationToken.None));
        var together = await Task.WhenAll(texts.Select(t => embedder.EmbedAsync(t, CancellationToken.None).AsTask()));
        for (var i = 0; i < texts.Count; i++) Assert.Equal(alone[i], together[i]);
    }

    /// <summary>The bound is lenient, half of what fifty sessions take that aren't released (57 MB, tried); 600 rounds grew by nothing.</summary>
    [Fact]
    public async Task Opening_and_closing_fifty_times_keeps_nothing()
    {
        Make(new Export()).Dispose();
        var model = EmbeddingModel.Locate(_folder);
        for (var i = 0; i < 10; i++) await OpenAndClose(model);
        var before = ResidentBytes();
        for (var i = 0; i < 50; i++) await OpenAndClose(model);
        var grown = ResidentBytes() - before;
        Assert.True(grown < 28_000_000, $"{grown:N0} bytes more than before");

        static async Task OpenAndClose(EmbeddingModel model)
        {
            using var embedder = new Embedder(model, 1);
            await embedder.EmbedAsync("open and close", CancellationToken.None);
        }

        static long ResidentBytes()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return Environment.WorkingSet;
        }
    }

    [Fact]
    public async Task Disposed_it_refuses_but_lets_runs_end()
    {
        var embedder = Make(new Export());
        await embedder.LoadAsync(CancellationToken.None);
        var running = embedder.EmbedAsync(new MultilingualText(3).Text(2_000), CancellationToken.None).AsTask();
        await Task.Delay(30, CancellationToken.None);
        embedder.Dispose();
        embedder.Dispose();
        Assert.Equal(16, (await running).Length);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await embedder.EmbedAsync("late", CancellationToken.None));
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("sentencepiece.bpe.model")]
    [InlineData("model.onnx_data")]
    public void A_missing_file_is_named(string name)
    {
        Make(new Export { ExternalName = "model.onnx_data" }).Dispose();
        File.Delete(Path.Combine(_folder, name));
        var error = Assert.Throws<EmbeddingException>(() => EmbeddingModel.Locate(_folder));
        Assert.Contains($"lacks {name}", error.Message, StringComparison.Ordinal);
        Assert.Contains("LEXCUSTIS_EMBEDDINGS_DIR", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_and_an_empty_file_are_named()
    {
        Assert.Contains("no folder", Assert.Throws<EmbeddingException>(() => EmbeddingModel.Locate(Path.Combine(_folder, "x"))).Message, StringComparison.Ordinal);
        Make(new Export()).Dispose();
        File.WriteAllText(Path.Combine(_folder, "model.onnx"), "");
        Assert.Contains("empty model.onnx", Assert.Throws<EmbeddingException>(() => EmbeddingModel.Locate(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_graph_is_told_and_stays_told()
    {
        using var embedder = Make(new Export());
        var path = Path.Combine(_folder, "model.onnx");
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await embedder.EmbedAsync("x", CancellationToken.None));
            Assert.Contains("model.onnx can't be loaded", error.Message, StringComparison.Ordinal);
        }

        File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        using var other = new Embedder(EmbeddingModel.Locate(_folder), 1);
        await Assert.ThrowsAsync<EmbeddingException>(async () => await other.LoadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Weights_cut_off_are_told()
    {
        using var embedder = Make(new Export { ExternalName = "model.onnx_data" });
        File.WriteAllBytes(Path.Combine(_folder, "model.onnx_data"), new byte[1000]);
        var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await embedder.LoadAsync(CancellationToken.None));
        Assert.Contains("can't be loaded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_tokenizer_is_told()
    {
        using var embedder = Make(new Export());
        File.WriteAllText(Path.Combine(_folder, "sentencepiece.bpe.model"), "no");
        var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await embedder.EmbedAsync("x", CancellationToken.None));
        Assert.Contains("no usable SentencePiece model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_with_a_smaller_vocabulary_than_the_tokenizer_is_told()
    {
        using var embedder = Make(new Export(), model: new XlmRobertaGraph(Vocabulary - 2));
        var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await embedder.LoadAsync(CancellationToken.None));
        Assert.Contains("don't belong together", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_gives_no_numbers_is_told()
    {
        var poisoned = new XlmRobertaGraph(Vocabulary);
        poisoned.Poison();
        using var embedder = Make(new Export(), model: poisoned);
        var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await embedder.LoadAsync(CancellationToken.None));
        Assert.Contains("no direction", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_another_kind_is_told()
    {
        using var image = Make(new Export { Inputs = ["input_ids", "attention_mask", "pixel_values"] });
        var error = await Assert.ThrowsAsync<EmbeddingException>(async () => await image.LoadAsync(CancellationToken.None));
        Assert.Contains("pixel_values", error.Message, StringComparison.Ordinal);

        using var ambiguous = Make(new Export { Output = "right", Decoy = "left" });
        error = await Assert.ThrowsAsync<EmbeddingException>(async () => await ambiguous.LoadAsync(CancellationToken.None));
        Assert.EndsWith("none of its outputs (left, right) is known as hidden states or as a vector.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Ids_outside_the_vocabulary_never_reach_the_graph(long id)
    {
        Make(new Export()).Dispose();
        using var session = new EmbeddingSession(OnnxRuntime.Shared, EmbeddingModel.Locate(_folder), Tokenizer);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Embed([0, id, 2], CancellationToken.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Embed([0, Tokenizer.VocabularySize, 2], CancellationToken.None));
    }

    [Fact]
    public void A_missing_or_broken_library_is_told()
    {
        var path = Path.Combine(_folder, OnnxRuntime.LibraryName);
        var error = Assert.Throws<EmbeddingException>(() => new OnnxRuntime(path));
        Assert.Contains("scripts/setup-embeddings", error.Message, StringComparison.Ordinal);
        File.WriteAllText(path, "no library");
        Assert.Contains("can't be loaded", Assert.Throws<EmbeddingException>(() => new OnnxRuntime(path)).Message, StringComparison.Ordinal);
    }

    private Embedder Make(Export export, int concurrency = 2, XlmRobertaGraph? model = null)
    {
        (model ?? Model).Save(Path.Combine(_folder, "model.onnx"), export);
        File.Copy(EmbeddingFixtures.TinyModel, Path.Combine(_folder, "sentencepiece.bpe.model"), overwrite: true);
        return new Embedder(EmbeddingModel.Locate(_folder), concurrency);
    }
}
