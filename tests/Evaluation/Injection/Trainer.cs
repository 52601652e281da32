using System.Buffers.Binary;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Injection;

/// <summary>
/// Logistic regression over the product's own features, by AdaGrad, deterministic. Words are dropped at random while learning, so
/// that no single trigger word decides. The thresholds come from patterns left out of training in turn, never from the held-out set.
/// </summary>
internal static class Trainer
{
    private const int Seed = 7;
    private const int DrawsPerPattern = 160;
    private const int Epochs = 8;
    private const int Folds = 5;
    private const float Rate = 0.25f;
    private const float Decay = 2e-6f;
    private const double WordDrop = 0.12;
    private const double AloneFalsePositives = 0.01;

    private sealed record Example(uint[] Buckets, bool Attack, int Pattern, bool Grammar);

    public static void Run(string folder, string output)
    {
        var patterns = Pattern.Read(Path.Combine(folder, "data", "injection-train.txt"));
        var examples = Examples(patterns);
        Print.Line($"{patterns.Length} patterns, {examples.Length} examples");

        var harmless = new List<double>();
        var attacks = new List<double>();
        for (var fold = 0; fold < Folds; fold++)
        {
            var weights = Learn([.. examples.Where(e => e.Pattern % Folds != fold)], out var bias);
            foreach (var example in examples.Where(e => e.Pattern % Folds == fold))
            {
                // Ordinary prose is easy and would hide how often the hard sentences are mistaken.
                if (example.Grammar)
                    (example.Attack ? attacks : harmless).Add(LogOdds(weights, bias, example.Buckets));
            }
        }

        harmless.Sort();
        attacks.Sort();
        var alone = (float)harmless[(int)(harmless.Count * (1 - AloneFalsePositives))];
        var withRule = (float)harmless[(int)(harmless.Count * 0.7)];
        Print.Eval("injection_left_out_recall", (double)attacks.Count(a => a >= alone) / attacks.Count);
        Print.Line($"thresholds: alone {alone:F3}, with a rule {withRule:F3}");
        Write(output, Learn(examples, out var final), final, alone, withRule);
    }

    private static Example[] Examples(Pattern[] patterns)
    {
        var draw = new Draw(Seed);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var examples = new List<Example>();
        var calm = patterns.Where(p => !p.Attack).ToArray();
        for (var p = 0; p < patterns.Length; p++)
        {
            for (var i = 0; i < DrawsPerPattern; i++)
            {
                var text = patterns[p].Say(draw);
                // A third stands beside a harmless sentence, as it would in a document.
                if (draw.Chance(0.33))
                    text = draw.Chance(0.5) ? $"{draw.Of(calm).Say(draw)} {text}" : $"{text} {draw.Of(calm).Say(draw)}";
                if (draw.Chance(0.5))
                    text = string.Join(' ', text.Split(' ').Where(_ => !draw.Chance(WordDrop)));
                if (seen.Add(text))
                    examples.Add(new Example(Buckets(text), patterns[p].Attack, p, true));
            }
        }

        // Ordinary sentences of every language, with numbers and names in them.
        for (var i = 0; i < 2500; i++)
            examples.Add(new Example(Buckets(TextMaker.Positive(draw, draw.Of(Kind.All)).Text), false, i, false));
        return [.. examples];
    }

    private static float[] Learn(Example[] examples, out float bias)
    {
        var weights = new float[InjectionFeatures.Buckets];
        var squares = new float[InjectionFeatures.Buckets];
        float biasWeight = 0, biasSquares = 1;
        var draw = new Draw(Seed + 1);
        var attackWeight = (float)examples.Count(e => !e.Attack) / Math.Max(1, examples.Count(e => e.Attack));
        var order = Enumerable.Range(0, examples.Length).ToArray();
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = draw.Below(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }

            foreach (var index in order)
            {
                var example = examples[index];
                var value = 1 / MathF.Sqrt(example.Buckets.Length);
                var error = (float)((1 / (1 + Math.Exp(-LogOdds(weights, biasWeight, example.Buckets)))) - (example.Attack ? 1 : 0)) * (example.Attack ? attackWeight : 1);
                foreach (var bucket in example.Buckets)
                {
                    var gradient = (error * value) + (Decay * weights[bucket]);
                    squares[bucket] += gradient * gradient;
                    weights[bucket] -= Rate * gradient / MathF.Sqrt(squares[bucket] + 1e-4f);
                }

                biasSquares += error * error;
                biasWeight -= Rate * error / MathF.Sqrt(biasSquares);
            }
        }

        bias = biasWeight;
        return weights;
    }

    private static double LogOdds(float[] weights, float bias, uint[] buckets)
    {
        double sum = 0;
        foreach (var bucket in buckets)
            sum += weights[bucket];
        return bias + (sum / Math.Sqrt(Math.Max(1, buckets.Length)));
    }

    private static uint[] Buckets(string text)
    {
        var list = new Collected { Buckets = [] };
        for (var at = 0; at < text.Length;)
            at = InjectionFeatures.ReadSentence(text, at, ref list, out _);
        return [.. list.Buckets];
    }

    private static void Write(string output, float[] weights, float bias, float alone, float withRule)
    {
        var scale = weights.Max(MathF.Abs) / 127;
        var file = new byte[InjectionModel.HeaderLength + weights.Length];
        "LXCI"u8.CopyTo(file);
        file[4] = InjectionModel.Format;
        file[5] = InjectionFeatures.Bits;
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(8), bias);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(12), scale);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(16), alone);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(20), withRule);
        for (var i = 0; i < weights.Length; i++)
            file[InjectionModel.HeaderLength + i] = (byte)(sbyte)MathF.Round(weights[i] / scale);
        File.WriteAllBytes(output, file);
    }

    private struct Collected : IFeatureSink
    {
        public List<uint> Buckets { get; init; }

        public readonly void Add(uint bucket) => Buckets.Add(bucket);
    }
}
