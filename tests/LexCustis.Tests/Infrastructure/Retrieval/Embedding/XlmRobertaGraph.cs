namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

/// <summary>How a graph is exported; exports of the real model differ in just these ways.</summary>
internal sealed record Export
{
    public string[] Inputs { get; init; } = ["input_ids", "attention_mask"];

    public int InputType { get; init; } = OnnxWriter.Int64;

    /// <summary>Rank 3 unless <see cref="Pooled"/>.</summary>
    public string Output { get; init; } = "last_hidden_state";

    public int OutputType { get; init; } = OnnxWriter.Float;

    public bool Pooled { get; init; }

    /// <summary>Puts a second, useless output before the real one.</summary>
    public string? Decoy { get; init; }

    public string? ExternalName { get; init; }

    /// <summary>A text of more tokens is computed for ever, so that only stopping the run ends it.</summary>
    public int? EndlessBeyond { get; init; }
}

/// <summary>
/// XLM-RoBERTa of any size, small in the tests, with random weights that a seed decides: written as an ONNX graph, and computed a second time in plain C#
/// in doubles from the description of the architecture (Conneau et al. 2020; Devlin et al. 2019), sharing nothing with the graph but the weights.
/// </summary>
internal sealed class XlmRobertaGraph
{
    /// <summary>As the real model has them: 8,192 tokens, counted from the padding's id + 1.</summary>
    private const int Positions = 8194;

    private const float Epsilon = 1e-5f;

    private readonly Dictionary<string, float[]> _weights = new(StringComparer.Ordinal);
    private readonly int _vocabulary;
    private readonly int _hidden;
    private readonly int _heads;
    private readonly int _inner;
    private readonly int _layers;
    private readonly Random _random = new(7);

    public XlmRobertaGraph(int vocabulary, int hidden = 16, int heads = 2, int layers = 2)
    {
        (_vocabulary, _hidden, _heads, _inner, _layers) = (vocabulary, hidden, heads, 4 * hidden, layers);
        Fill("word", vocabulary * _hidden, 1);
        Fill("position", Positions * _hidden, 0.5);
        Fill("type", _hidden, 0.5);
        FillNorm("embedding");
        for (var layer = 0; layer < _layers; layer++)
        {
            foreach (var name in new[] { "query", "key", "value", "mixed" }) FillLinear($"{layer}.{name}", _hidden, _hidden);
            FillLinear($"{layer}.inner", _hidden, _inner);
            FillLinear($"{layer}.outer", _inner, _hidden);
            FillNorm($"{layer}.attention");
            FillNorm($"{layer}.output");
        }
    }

    /// <summary>Spoils one weight that every text uses.</summary>
    public void Poison() => _weights["embedding.bias"][0] = float.NaN;

    public void Save(string path, Export export)
    {
        using var w = new OnnxWriter(export.ExternalName is { } name ? Path.Combine(Path.GetDirectoryName(path)!, name) : null);
        foreach (var input in export.Inputs) w.Input(input, export.InputType, "batch", "sequence");
        string Long(string input) => export.InputType == OnnxWriter.Int64 ? input : w.Node("Cast", [input], [("to", OnnxWriter.Int64)]);

        var ids = Long("input_ids");
        string positions;
        if (export.Inputs.Contains("position_ids", StringComparer.Ordinal))
        {
            positions = Long("position_ids");
        }
        else
        {
            var padding = w.Longs([1]);
            var real = w.Node("Cast", [w.Node("Not", [w.Node("Equal", [ids, padding])])], [("to", OnnxWriter.Int64)]);
            positions = w.Node("Add", [w.Node("Mul", [w.Node("CumSum", [real, w.Longs([1])]), real]), padding]);
        }

        var types = w.Floats("type", _weights["type"], 1, _hidden);
        if (export.Inputs.Contains("token_type_ids", StringComparer.Ordinal)) types = w.Node("Gather", [types, Long("token_type_ids")]);
        var x = w.Node("Add", [w.Node("Gather", [w.Floats("word", _weights["word"], _vocabulary, _hidden), ids]), types]);
        x = w.Node("Add", [x, w.Node("Gather", [w.Floats("position", _weights["position"], Positions, _hidden), positions])]);
        x = Norm(w, "embedding", x);

        var seen = w.Node("Cast", ["attention_mask"], [("to", OnnxWriter.Float)]);
        var one = w.Floats("one", [1]);
        var hiding = w.Node("Mul", [w.Node("Sub", [one, w.Node("Unsqueeze", [seen, w.Longs([1, 2], 2)])]), w.Floats("lowest", [-1e9f])]);
        for (var layer = 0; layer < _layers; layer++)
        {
            var query = Split(w, Linear(w, $"{layer}.query", x, _hidden, _hidden), [0, 2, 1, 3]);
            var key = Split(w, Linear(w, $"{layer}.key", x, _hidden, _hidden), [0, 2, 3, 1]);
            var value = Split(w, Linear(w, $"{layer}.value", x, _hidden, _hidden), [0, 2, 1, 3]);
            var scores = w.Node("Mul", [w.Node("MatMul", [query, key]), w.Floats($"{layer}.scale", [(float)(1 / Math.Sqrt(_hidden / _heads))])]);
            var weights = w.Node("Softmax", [w.Node("Add", [scores, hiding])], [("axis", -1)]);
            var context = w.Node("Transpose", [w.Node("MatMul", [weights, value])], [("perm", new[] { 0, 2, 1, 3 })]);
            context = w.Node("Reshape", [context, w.Longs([0, 0, _hidden], 3)]);
            x = Norm(w, $"{layer}.attention", w.Node("Add", [Linear(w, $"{layer}.mixed", context, _hidden, _hidden), x]));

            var inner = Linear(w, $"{layer}.inner", x, _hidden, _inner);
            var erf = w.Node("Erf", [w.Node("Div", [inner, w.Floats($"{layer}.root2", [MathF.Sqrt(2)])])]);
            var gelu = w.Node("Mul", [w.Node("Mul", [inner, w.Node("Add", [erf, one])]), w.Floats($"{layer}.half", [0.5f])]);
            x = Norm(w, $"{layer}.output", w.Node("Add", [Linear(w, $"{layer}.outer", gelu, _inner, _hidden), x]));
        }

        if (export.EndlessBeyond is { } limit)
        {
            using var body = new OnnxWriter();
            body.Input("round", OnnxWriter.Int64);
            body.Input("goes_on", OnnxWriter.Bool);
            body.Input("sum", OnnxWriter.Float);
            body.Node("Identity", ["goes_on"], output: "goes_on_still");
            body.Node("Sin", ["sum"], output: "next_sum");
            body.Output("goes_on_still", OnnxWriter.Bool);
            body.Output("next_sum", OnnxWriter.Float);
            var length = w.Node("Gather", [w.Node("Shape", [ids]), w.Longs([1])]);
            var rounds = w.Node("Mul", [w.Node("Cast", [w.Node("Greater", [length, w.Longs([limit])])], [("to", OnnxWriter.Int64)]), w.Longs([1L << 60])]);
            x = w.Node("Add", [x, w.Node("Loop", [rounds, "", w.Floats("nothing", [0])], [("body", body)])]);
        }

        if (export.Decoy is { } decoy)
        {
            w.Node("Neg", [x], output: decoy);
            w.Output(decoy, OnnxWriter.Float, "batch", "sequence", $"{_hidden}");
        }

        if (export.Pooled) x = w.Node("Gather", [x, w.Longs([0])], [("axis", 1)]);
        w.Node("Cast", [x], [("to", export.OutputType)], export.Output);
        w.Output(export.Output, export.OutputType, export.Pooled ? ["batch", $"{_hidden}"] : ["batch", "sequence", $"{_hidden}"]);
        w.Save(path);
    }

    /// <summary>The first token's hidden state, normalised.</summary>
    public double[] Forward(long[] ids)
    {
        var x = new double[ids.Length][];
        for (var t = 0; t < ids.Length; t++)
        {
            x[t] = new double[_hidden];
            for (var i = 0; i < _hidden; i++)
                x[t][i] = (double)_weights["word"][(ids[t] * _hidden) + i] + _weights["position"][((t + 2) * _hidden) + i] + _weights["type"][i];
            NormInPlace("embedding", x[t]);
        }

        for (var layer = 0; layer < _layers; layer++)
        {
            var query = Array.ConvertAll(x, row => Apply($"{layer}.query", row));
            var key = Array.ConvertAll(x, row => Apply($"{layer}.key", row));
            var value = Array.ConvertAll(x, row => Apply($"{layer}.value", row));
            var next = new double[x.Length][];
            for (var t = 0; t < x.Length; t++)
            {
                var mixed = Apply($"{layer}.mixed", Attend(query[t], key, value));
                for (var i = 0; i < _hidden; i++) mixed[i] += x[t][i];
                NormInPlace($"{layer}.attention", mixed);

                var inner = Apply($"{layer}.inner", mixed);
                for (var i = 0; i < _inner; i++) inner[i] *= 0.5 * (1 + Erf(inner[i] / Math.Sqrt(2)));
                var outer = Apply($"{layer}.outer", inner);
                for (var i = 0; i < _hidden; i++) outer[i] += mixed[i];
                NormInPlace($"{layer}.output", outer);
                next[t] = outer;
            }

            x = next;
        }

        var length = Math.Sqrt(x[0].Sum(v => v * v));
        return Array.ConvertAll(x[0], v => v / length);
    }

    private double[] Attend(double[] query, double[][] key, double[][] value)
    {
        var size = _hidden / _heads;
        var context = new double[_hidden];
        for (var head = 0; head < _heads; head++)
        {
            var from = head * size;
            var scores = Array.ConvertAll(key, k => Enumerable.Range(from, size).Sum(i => query[i] * k[i]) / Math.Sqrt(size));
            var highest = scores.Max();
            var total = scores.Sum(s => Math.Exp(s - highest));
            for (var t = 0; t < key.Length; t++)
            {
                var share = Math.Exp(scores[t] - highest) / total;
                for (var i = from; i < from + size; i++) context[i] += share * value[t][i];
            }
        }

        return context;
    }

    /// <summary>Its power series, good to ten digits where it isn't ±1 anyway.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 4) return Math.Sign(x);
        var (term, sum) = (x, x);
        for (var n = 1; n < 100; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private string Split(OnnxWriter w, string x, int[] order) =>
        w.Node("Transpose", [w.Node("Reshape", [x, w.Longs([0, 0, _heads, _hidden / _heads], 4)])], [("perm", order)]);

    private string Linear(OnnxWriter w, string name, string x, int from, int to) =>
        w.Node("Add", [w.Node("MatMul", [x, w.Floats(name, _weights[name], from, to)]), w.Floats(name + ".bias", _weights[name + ".bias"], to)]);

    private string Norm(OnnxWriter w, string name, string x) =>
        w.Node("LayerNormalization", [x, w.Floats(name + ".scale", _weights[name + ".scale"], _hidden), w.Floats(name + ".bias", _weights[name + ".bias"], _hidden)],
            [("axis", -1), ("epsilon", Epsilon)]);

    private double[] Apply(string name, double[] x)
    {
        var bias = _weights[name + ".bias"];
        var matrix = _weights[name];
        var y = new double[bias.Length];
        for (var j = 0; j < y.Length; j++)
        {
            y[j] = bias[j];
            for (var i = 0; i < x.Length; i++) y[j] += x[i] * matrix[(i * y.Length) + j];
        }

        return y;
    }

    private void NormInPlace(string name, double[] x)
    {
        var mean = x.Average();
        var variance = x.Average(v => (v - mean) * (v - mean));
        for (var i = 0; i < x.Length; i++) x[i] = ((x[i] - mean) / Math.Sqrt(variance + Epsilon) * _weights[name + ".scale"][i]) + _weights[name + ".bias"][i];
    }

    private void FillLinear(string name, int from, int to)
    {
        Fill(name, from * to, 1.5 / Math.Sqrt(from));
        Fill(name + ".bias", to, 0.2);
    }

    private void FillNorm(string name)
    {
        Fill(name + ".scale", _hidden, 0.3);
        for (var i = 0; i < _hidden; i++) _weights[name + ".scale"][i] += 1;
        Fill(name + ".bias", _hidden, 0.2);
    }

    private void Fill(string name, int count, double deviation) =>
        _weights[name] = [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5) * 2))];
}
