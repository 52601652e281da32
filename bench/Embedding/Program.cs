// Measures embeddings: `tokenizer`, `embed` and `exact`. `check` proves in a second that all of it works as compiled here, e.g. natively.
// `encode MODEL INPUT OUTPUT` does the job of spm_encode, for comparing whole processes.
using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Text;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Text;
using LexCustis.Tests.Infrastructure.Retrieval.Embedding;

var folder = Directory.CreateTempSubdirectory("lexcustis-bench-").FullName;
var fixtures = Path.Combine(AppContext.BaseDirectory, "Fixtures");
try
{
    switch (args)
    {
        case ["check"]: return await CheckAsync();
        case ["tokenizer"]: return Tokenizer();
        case ["encode", var model, var input, var output]: return Encode(model, input, output);
        case ["embed"]: return await EmbedAsync();
        case ["exact"]: return Exact();
        default:
            Console.Error.WriteLine("Usage: check | tokenizer | embed | exact | encode MODEL INPUT OUTPUT");
            return 2;
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

async Task<int> CheckAsync()
{
    var graph = new XlmRobertaGraph(1142);
    graph.Save(Path.Combine(folder, "model.onnx"), new Export());
    File.Copy(Path.Combine(fixtures, "tiny-xlmr.model"), Path.Combine(folder, "sentencepiece.bpe.model"));
    using var embedder = new Embedder(EmbeddingModel.Locate(folder), 2);
    var worst = 0.0;
    foreach (var text in File.ReadLines(Path.Combine(fixtures, "corpus.txt")))
    {
        var expected = graph.Forward(embedder.Tokenizer.Encode(text, Embedder.MaxTokens));
        var vector = await embedder.EmbedAsync(text, CancellationToken.None);
        worst = Math.Max(worst, vector.Zip(expected).Max(p => Math.Abs(p.First - p.Second)));
    }

    graph.Save(Path.Combine(folder, "model.onnx"), new Export { EndlessBeyond = 100 });
    using var endless = new Embedder(EmbeddingModel.Locate(folder), 2);
    using var source = new CancellationTokenSource(200);
    var stopped = false;
    try
    {
        await endless.EmbedAsync(string.Concat(Enumerable.Repeat("der Anbieter ", 200)), source.Token);
    }
    catch (OperationCanceledException)
    {
        stopped = true;
    }

    var composed = UnicodeNormalization.Compose("e\u0301") == "\u00E9" && UnicodeNormalization.ComposeCompatible("ﬁ") == "fi";
    Console.WriteLine($"largest difference to the forward pass {worst:E1}, endless run stopped {stopped}, normalization {composed}, vectors of {Vector<float>.Count} floats");
    return worst < 1e-5 && stopped && composed ? 0 : 1;
}

int Encode(string model, string input, string output)
{
    var tokenizer = UnigramTokenizer.Load(model);
    using var from = File.OpenHandle(input);
    var text = new byte[RandomAccess.GetLength(from)];
    RandomAccess.Read(from, text, 0);
    using var to = File.Create(output, 1 << 16);
    var ids = new List<int>();
    var line = new ArrayBufferWriter<byte>();
    foreach (var range in text.AsSpan().TrimEnd((byte)'\n').Split((byte)'\n'))
    {
        ids.Clear();
        tokenizer.EncodePieces(text.AsSpan()[range], ids);
        line.ResetWrittenCount();
        for (var i = 0; i < ids.Count; i++)
        {
            if (i > 0) line.Write(" "u8);
            ids[i].TryFormat(line.GetSpan(11), out var written);
            line.Advance(written);
        }

        line.Write("\n"u8);
        to.Write(line.WrittenSpan);
    }

    return 0;
}

// A vocabulary of XLM-RoBERTa's size is made up: the small one, and pieces out of syllables that the text is made of too.
int Tokenizer()
{
    var random = new Random(1);
    var words = File.ReadAllText(Path.Combine(fixtures, "corpus.txt")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
    var syllables = words.Where(w => w.Length > 3).SelectMany(w => new[] { w[..2], w[1..4] }).Where(s => !s.Any(char.IsSurrogate)).Distinct().ToArray();
    string Invented() => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => syllables[random.Next(syllables.Length)]));

    var small = Path.Combine(fixtures, "tiny-xlmr.model");
    var known = SentencePieceModel.Load(small).Pieces.Select(p => Encoding.UTF8.GetString(p.Text.Span)).ToHashSet();
    var large = Path.Combine(folder, "large.model");
    File.Copy(small, large);
    using (var file = File.Open(large, FileMode.Append))
    {
        while (known.Count < 250_000)
        {
            var piece = (random.Next(2) == 0 ? "▁" : "") + Invented();
            if (!known.Add(piece)) continue;

            // Repeated fields of protobuf may be appended: field 1 is a piece of text (1), score (2).
            var bytes = Encoding.UTF8.GetBytes(piece);
            file.Write([0x0A, (byte)(bytes.Length + 7), 0x0A, (byte)bytes.Length, .. bytes, 0x15, .. BitConverter.GetBytes((float)(-9 - (random.NextDouble() * 6)))]);
        }
    }

    var lines = Path.Combine(folder, "lines");
    using (var writer = new StreamWriter(lines))
    {
        writer.NewLine = "\n";
        for (var size = 0; size < 20_000_000;)
        {
            var line = string.Join(' ', Enumerable.Range(0, random.Next(5, 40)).Select(_ => random.Next(3) == 0 ? Invented() : words[random.Next(words.Length)]));
            writer.WriteLine(line);
            size += Encoding.UTF8.GetByteCount(line) + 1;
        }
    }

    var megabytes = new FileInfo(lines).Length / 1e6;
    foreach (var model in new[] { small, large })
    {
        var load = Stopwatch.StartNew();
        var tokenizer = UnigramTokenizer.Load(model);
        load.Stop();
        Console.WriteLine($"{tokenizer.VocabularySize - 1} pieces, {megabytes:F1} MB of text; our vocabulary loads in {load.Elapsed.TotalMilliseconds:F0} ms");
        var (theirs, ours, inside) = (new List<double>(), new List<double>(), new List<double>());
        var (expected, actual) = (Path.Combine(folder, "expected"), Path.Combine(folder, "actual"));
        for (var round = 0; round < 5; round++)
        {
            theirs.Add(Time("spm_encode", $"--model={model}", "--output_format=id", $"--input={lines}", $"--output={expected}"));
            ours.Add(Time(Environment.ProcessPath!, "encode", model, lines, actual));
            inside.Add(Inside(tokenizer, lines));
        }

        var equal = File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(actual));
        Console.WriteLine($"  spm_encode   {Rates(theirs)} MB/s, whole process");
        Console.WriteLine($"  ours         {Rates(ours)} MB/s, whole process, outputs equal: {equal}");
        Console.WriteLine($"  ours         {Rates(inside)} MB/s, ids alone, vocabulary loaded");
    }

    return 0;

    string Rates(List<double> seconds)
    {
        seconds.Sort();
        return $"{megabytes / seconds[seconds.Count / 2]:F1} ({megabytes / seconds[^1]:F1} to {megabytes / seconds[0]:F1})";
    }
}

static double Inside(UnigramTokenizer tokenizer, string lines)
{
    var text = File.ReadAllBytes(lines);
    var ids = new List<int>();
    var watch = Stopwatch.StartNew();
    foreach (var range in text.AsSpan().Split((byte)'\n'))
    {
        ids.Clear();
        tokenizer.EncodePieces(text.AsSpan()[range], ids);
    }

    return watch.Elapsed.TotalSeconds;
}

static double Time(string program, params string[] arguments)
{
    var watch = Stopwatch.StartNew();
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
    process.WaitForExit();
    return process.ExitCode == 0 ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{program} failed");
}

// BGE-M3's shape with random 32-bit weights, but for the vocabulary, whose size costs memory and no time.
async Task<int> EmbedAsync()
{
    File.Copy(Path.Combine(fixtures, "tiny-xlmr.model"), Path.Combine(folder, "sentencepiece.bpe.model"));
    foreach (var (name, hidden, heads, layers, texts) in new[] { ("tiny", 16, 2, 2, 4_000), ("BGE-M3's", 1024, 16, 24, 8) })
    {
        new XlmRobertaGraph(1142, hidden, heads, layers).Save(Path.Combine(folder, "model.onnx"), new Export { ExternalName = "model.onnx_data" });
        GC.Collect();
        using var embedder = new Embedder(EmbeddingModel.Locate(folder), Environment.ProcessorCount);
        var load = Stopwatch.StartNew();
        await embedder.LoadAsync(CancellationToken.None);
        Console.WriteLine($"{name} shape ({layers} layers of {hidden}), {Environment.ProcessorCount} at once; loaded and tested in {load.Elapsed.TotalSeconds:F1} s");
        var words = File.ReadAllText(Path.Combine(fixtures, "corpus.txt")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var length in new[] { 128, 400 })
        {
            var text = new StringBuilder();
            for (var i = 0; embedder.Tokenizer.Count(text.ToString()) < length - 2; i++) text.Append(words[i]).Append(' ');
            var tokens = embedder.Tokenizer.Encode(text.ToString(), Embedder.MaxTokens).Length;
            await embedder.EmbedAsync(text.ToString(), CancellationToken.None);
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, texts).Select(_ => embedder.EmbedAsync(text.ToString(), CancellationToken.None).AsTask()));
            Console.WriteLine($"  {tokens} tokens: {texts / watch.Elapsed.TotalSeconds:F1} embeddings/s, {tokens * texts / watch.Elapsed.TotalSeconds:F0} tokens/s");
        }
    }

    return 0;
}

int Exact()
{
    const int Count = 100_000;
    const int Dimension = 1024;
    var random = new Random(1);
    var values = new float[Count * Dimension];
    for (var i = 0; i < values.Length; i++) values[i] = random.NextSingle() - 0.5f;
    var vectors = new ExactVectors([.. Enumerable.Range(0, Count).Select(_ => Guid.CreateVersion7())], values, Dimension);
    var times = new List<double>();
    for (var round = 0; round < 60; round++)
    {
        var from = random.Next(Count) * Dimension;
        var query = values.AsSpan(from, Dimension).ToArray();
        var watch = Stopwatch.StartNew();
        vectors.Search(query, 20, CancellationToken.None);
        if (round >= 10) times.Add(watch.Elapsed.TotalSeconds);
    }

    times.Sort();
    var median = times[times.Count / 2];
    Console.WriteLine($"{Count:N0} x {Dimension}, top 20, one core, {Vector<float>.Count} floats a vector: median {median * 1e3:F1} ms ({values.Length * 4.0 / median / 1e9:F1} GB/s), best {times[0] * 1e3:F1} ms, p90 {times[45] * 1e3:F1} ms");
    var sum = 0f;
    var read = Stopwatch.StartNew();
    var total = Vector<float>.Zero;
    for (var i = 0; i <= values.Length - (4 * Vector<float>.Count); i += 4 * Vector<float>.Count)
    {
        total += new Vector<float>(values, i) + new Vector<float>(values, i + Vector<float>.Count)
            + new Vector<float>(values, i + (2 * Vector<float>.Count)) + new Vector<float>(values, i + (3 * Vector<float>.Count));
    }

    sum += Vector.Sum(total);
    Console.WriteLine($"merely adding the same bytes up: {values.Length * 4.0 / read.Elapsed.TotalSeconds / 1e9:F1} GB/s (sum {sum:F0})");
    return 0;
}
