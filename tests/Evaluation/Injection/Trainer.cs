using System.Buffers.Binary;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Injection;

/// <summary>
/// Logistic regression over the product's own features, by AdaGrad, deterministic. Words are dropped at random while learning, so
/// that no single trigger word decides. The thresholds are read off patterns left out of training in turn, at the false alarms allowed below; docs/checks/prompt-injection.md
/// says which sets were looked at when those were chosen.
/// </summary>
internal static class Trainer
{
    private const int Seed = 7;
    private const int DrawsPerPattern = 120;
    private const int JumbledSentences = 10_000;
    private const double TriggerShare = 0.12;
    private const int Folds = 5;
    private const float Rate = 0.25f;
    private const double WordDrop = 0.12;
    private const double AloneFalsePositives = 0.04;
    private const double WithRuleFalsePositives = 0.2;

    // Tried in turn; the one that finds most of the patterns left out is kept.
    private static readonly (int Epochs, float Decay, float Dropped)[] Settings = [(4, 0, 0), (4, 1e-5f, 0.3f), (8, 1e-5f, 0.3f)];

    private sealed record Example(uint[] Buckets, bool Attack, int Pattern, bool Grammar);

    public static void Run(string folder, string output)
    {
        Pattern[] patterns = [.. Pattern.Read(Path.Combine(folder, "data", "injection-train.txt")), .. Pattern.ReadLines(Path.Combine(folder, "data", "injection-dev.txt"))];
        var examples = Examples(patterns);
        Print.Line($"{patterns.Length} patterns, {examples.Length} examples");

        var best = Settings.Select(setting => (Setting: setting, Result: LeaveOut(examples, setting))).MaxBy(s => s.Result.Recall);
        Print.Eval("injection_left_out_recall", best.Result.Recall);
        Print.Line($"kept {best.Setting}, thresholds: alone {best.Result.Alone:F3}, with a rule {best.Result.WithRule:F3}");
        Write(output, Learn(examples, best.Setting, out var bias), bias, best.Result.Alone, best.Result.WithRule);
    }

    // Every pattern is judged by weights that never saw it.
    private static (double Recall, float Alone, float WithRule) LeaveOut(Example[] examples, (int Epochs, float Decay, float Dropped) setting)
    {
        var folds = Enumerable.Range(0, Folds).AsParallel().AsOrdered().SelectMany(fold =>
        {
            var weights = Learn([.. examples.Where(e => e.Pattern % Folds != fold)], setting, out var bias);
            // Ordinary prose is easy and would hide how often the hard sentences are mistaken.
            return examples.Where(e => e.Grammar && e.Pattern % Folds == fold).Select(e => (e.Attack, LogOdds: LogOdds(weights, bias, e.Buckets))).ToArray();
        }).ToArray();
        var harmless = folds.Where(f => !f.Attack).Select(f => f.LogOdds).Order().ToArray();
        var alone = (float)harmless[(int)(harmless.Length * (1 - AloneFalsePositives))];
        var withRule = (float)harmless[(int)(harmless.Length * (1 - WithRuleFalsePositives))];
        var recall = (double)folds.Count(f => f.Attack && f.LogOdds >= alone) / folds.Count(f => f.Attack);
        Print.Line($"left out, {setting}: recall {recall:F4}");
        return (recall, alone, withRule);
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
        // Words in no order, now and then one of an attack's: neither unknown words nor single trigger words may convict.
        var words = calm.SelectMany(p => p.Say(draw).Split(' ')).ToArray();
        var triggers = patterns.Where(p => p.Attack).SelectMany(p => p.Say(draw).Split(' ')).ToArray();
        for (var i = 0; i < JumbledSentences; i++)
        {
            var jumbled = Enumerable.Range(0, draw.Between(4, 16)).Select(_ => draw.Of(draw.Chance(TriggerShare) ? triggers : words));
            examples.Add(new Example(Buckets(string.Join(' ', jumbled)), false, i, false));
        }

        return [.. examples];
    }

    private static float[] Learn(Example[] examples, (int Epochs, float Decay, float Dropped) setting, out float bias)
    {
        var weights = new float[InjectionFeatures.Buckets];
        var squares = new float[InjectionFeatures.Buckets];
        float biasWeight = 0, biasSquares = 1;
        var draw = new Draw(Seed + 1);
        var order = Enumerable.Range(0, examples.Length).ToArray();
        for (var epoch = 0; epoch < setting.Epochs; epoch++)
        {
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = draw.Below(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }

            foreach (var index in order)
            {
                var example = examples[index];
                // Each time another part of the features is hidden, so that many weak signs must agree.
                var shown = setting.Dropped > 0 ? [.. example.Buckets.Where(_ => !draw.Chance(setting.Dropped))] : example.Buckets;
                if (shown.Length == 0)
                    continue;
                var value = 1 / MathF.Sqrt(shown.Length);
                var error = (float)((1 / (1 + Math.Exp(-LogOdds(weights, biasWeight, shown)))) - (example.Attack ? 1 : 0));
                foreach (var bucket in shown)
                {
                    var gradient = (error * value) + (setting.Decay * weights[bucket]);
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
