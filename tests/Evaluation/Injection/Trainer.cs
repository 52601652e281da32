using System.Buffers.Binary;
using LexCustis.Evaluation.Pii;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Evaluation.Injection;

/// <summary>
/// Logistic regression over the product's own features, by AdaGrad, deterministic. Features and words are dropped at random while
/// learning, so that no single trigger word decides; attacks and harmless sentences weigh the same in sum. The threshold is the lowest at
/// which so few harmless sentences left out of training in turn are taken for attacks; no held-out set is read.
/// </summary>
internal static class Trainer
{
    private const int Seed = 7;
    private const int DrawsPerPattern = 60;
    private const int JumbledSentences = 24_000;
    private const double TriggerShare = 0.25;
    private const int Folds = 5;
    private const float Rate = 0.2f;
    private const double WordDrop = 0.12;
    private const float Dropped = 0.3f;

    // Of the sentences of harmless patterns, which live on trigger words, and of the project's own prose and code, which is as text is.
    private const double PatternFalsePositives = 0.005;
    private const double ProseFalsePositives = 0.001;

    // Tried in turn; the one that finds most of the patterns left out is kept.
    private static readonly (int Epochs, float Decay)[] Settings = [(10, 3e-5f), (16, 3e-5f)];

    private enum Origin
    {
        Pattern,
        Prose,
        Made,
    }

    private sealed record Example(uint[] Buckets, int[] Slots, ulong Classes, bool Attack, int Group, Origin Origin, string Text);

    private sealed class Weights
    {
        public float[] Words { get; } = new float[InjectionFeatures.Buckets];

        public float[] Classes { get; } = new float[InjectionFeatures.ClassSlots];

        public float Bias { get; set; }

        public double LogOdds(Example example)
        {
            double words = 0, classes = 0;
            foreach (var bucket in example.Buckets)
                words += Words[bucket];
            foreach (var slot in example.Slots)
                classes += Classes[slot];
            return Bias + (words / InjectionModel.Length(example.Buckets.Length, InjectionFeatures.FewFeatures))
                + (classes / InjectionModel.Length(example.Slots.Length, InjectionFeatures.FewClasses));
        }
    }

    /// <param name="explain">Also say which patterns are mistaken when they are left out.</param>
    public static void Run(string folder, string output, bool explain)
    {
        var data = Path.Combine(folder, "data");
        Pattern[] patterns =
        [
            .. Pattern.Read(Path.Combine(data, "injection-train.txt")), .. Pattern.Read(Path.Combine(data, "injection-train-2.txt")),
            .. Pattern.Read(Path.Combine(data, "injection-train-3.txt")), .. Pattern.ReadLines(Path.Combine(data, "injection-dev.txt")),
        ];
        var examples = Examples(patterns, Prose(folder));
        Print.Line($"{patterns.Length} patterns, {examples.Length} examples, {examples.Count(e => e.Attack)} of them attacks");

        var best = Settings.AsParallel().AsOrdered().Select(setting => (Setting: setting, Result: LeaveOut(examples, setting, explain))).ToArray().MaxBy(s => s.Result.Recall);
        Print.Eval("injection_left_out_recall", best.Result.Recall);
        Print.Line($"kept {best.Setting}, threshold {best.Result.Threshold:F3}");
        Write(output, Learn(examples, best.Setting), best.Result.Threshold);
    }

    // Every pattern and every page is judged by weights that never saw it. A pattern and its harmless twin go together.
    private static (double Recall, float Threshold) LeaveOut(Example[] examples, (int Epochs, float Decay) setting, bool explain)
    {
        var judged = Enumerable.Range(0, Folds).SelectMany(fold =>
        {
            var weights = Learn([.. examples.Where(e => e.Origin == Origin.Made || e.Group % Folds != fold)], setting);
            return examples.Where(e => e.Origin != Origin.Made && e.Group % Folds == fold)
                .Select(e => (e.Attack, e.Origin, e.Group, e.Text, LogOdds: InjectionFeatures.IsCase(e.Classes) ? weights.LogOdds(e) : double.NegativeInfinity)).ToArray();
        }).ToArray();
        var byPatterns = Highest(judged.Where(j => !j.Attack && j.Origin == Origin.Pattern).Select(j => j.LogOdds), PatternFalsePositives);
        var byProse = Highest(judged.Where(j => j.Origin == Origin.Prose).Select(j => j.LogOdds), ProseFalsePositives);
        var threshold = Math.Max(byPatterns, byProse);
        var attacks = judged.Where(j => j.Attack).Select(j => j.LogOdds).ToArray();
        var recall = Above(attacks, threshold);
        Print.Line($"left out, {setting}: recall {recall:F4}; by patterns from {byPatterns:F3} on ({Above(attacks, byPatterns):F4}), by prose from {byProse:F3} on ({Above(attacks, byProse):F4}); "
            + $"at the threshold {Above([.. judged.Where(j => !j.Attack && j.Origin == Origin.Pattern).Select(j => j.LogOdds)], threshold):P2} of the harmless patterns, "
            + $"{Above([.. judged.Where(j => j.Origin == Origin.Prose).Select(j => j.LogOdds)], threshold):P2} of the prose; no case {Above(attacks, double.MinValue):F4}");
        if (explain)
        {
            foreach (var group in judged.Where(j => j.Attack).GroupBy(j => j.Group).Where(g => g.Average(j => j.LogOdds >= threshold ? 1.0 : 0) < 0.5))
                Print.Line($"MISSED {group.Average(j => j.LogOdds >= threshold ? 1.0 : 0):P0} found: {group.MinBy(j => j.LogOdds).Text}");
            foreach (var mistaken in judged.Where(j => !j.Attack).OrderByDescending(j => j.LogOdds).DistinctBy(j => (j.Origin, j.Group)).Take(60))
                Print.Line($"FALSE {mistaken.Origin} {mistaken.LogOdds:F2} {mistaken.Text.Trim()}");
        }

        return (recall, (float)threshold);
    }

    // The log-odds that just this share lies above.
    private static double Highest(IEnumerable<double> logOdds, double share)
    {
        var sorted = logOdds.Order().ToArray();
        return sorted[(int)(sorted.Length * (1 - share))];
    }

    private static double Above(double[] logOdds, double threshold) => logOdds.Count(l => l >= threshold) / (double)logOdds.Length;

    // What the project has written about itself, page by page: knowledge base, documentation, program, words of the web app, evaluation sets.
    private static string[] Prose(string folder)
    {
        var root = Path.Combine(folder, "../..");
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(root, "kb"), "*.md"), .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(root, "web/src/i18n"), "*.ts"), .. Directory.GetFiles(Path.Combine(root, "src/Features"), "*.cs", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(root, "src/Infrastructure"), "*.cs", SearchOption.AllDirectories), Path.Combine(root, "README.md"),
            Path.Combine(folder, "data/grounding.txt"), Path.Combine(folder, "data/bias.txt"), Path.Combine(folder, "data/pii.txt"),
        ];
        return
        [
            .. files.Where(f => !f.Contains("njection", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllText),
            .. File.ReadAllLines(Path.Combine(folder, "data/prose.txt")).Where(l => l.Length > 0),
        ];
    }

    private static Example[] Examples(Pattern[] patterns, string[] prose)
    {
        var draw = new Draw(Seed);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var examples = new List<Example>();
        var calm = patterns.Where(p => !p.Attack).ToArray();
        var number = -1;
        var twin = "";
        var calmBefore = -1;
        foreach (var pattern in patterns)
        {
            number += pattern.Text == twin ? 0 : 1;
            calmBefore += pattern.Attack ? 0 : 1;
            twin = pattern.Text;
            for (var i = 0; i < DrawsPerPattern; i++)
            {
                var text = pattern.Say(draw);
                // Some stand beside a harmless sentence, as they would in a document; what stands near in the file is of the same language.
                if (draw.Chance(0.2))
                {
                    var beside = calm[Math.Clamp(calmBefore + draw.Between(-12, 12), 0, calm.Length - 1)].Say(draw);
                    text = draw.Chance(0.5) ? $"{beside} {text}" : $"{text} {beside}";
                }

                if (draw.Chance(0.35))
                    text = string.Join(' ', text.Split(' ').Where(_ => !draw.Chance(WordDrop)));
                // As people type in a hurry.
                if (draw.Chance(0.2))
                    text = text.ToLowerInvariant().TrimEnd('.', '!');
                if (!seen.Add(text))
                    continue;
                if (pattern.Attack)
                    examples.Add(Read(text, true, number, Origin.Pattern));
                else
                    examples.AddRange(Harmless(text, number, Origin.Pattern));
            }
        }

        for (var page = 0; page < prose.Length; page++)
            examples.AddRange(Harmless(prose[page], page, Origin.Prose));
        // Ordinary sentences of every language, with numbers and names in them.
        for (var i = 0; i < 2500; i++)
            examples.Add(Read(TextMaker.Positive(draw, draw.Of(Kind.All)).Text, false, i, Origin.Made));
        // Words in no order, among them some of an attack's: neither unknown words nor single trigger words may convict.
        var words = calm.SelectMany(p => p.Say(draw).Split(' ')).Concat(prose.SelectMany(p => p.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToArray();
        var triggers = patterns.Where(p => p.Attack).SelectMany(p => p.Say(draw).Split(' ')).ToArray();
        for (var i = 0; i < JumbledSentences; i++)
        {
            var jumbled = Enumerable.Range(0, draw.Between(2, 16)).Select(_ => draw.Of(draw.Chance(TriggerShare) ? triggers : words));
            examples.Add(Read(string.Join(' ', jumbled), false, i, Origin.Made));
        }

        return [.. examples];
    }

    // As the product reads it: a harmless text is harmless in every sentence and in every two in a row.
    private static IEnumerable<Example> Harmless(string text, int group, Origin origin)
    {
        var before = 0;
        for (var at = 0; at < text.Length;)
        {
            var sink = new Collected { Buckets = [], Slots = [] };
            var end = default(InjectionFeatures).Read(text, at, ref sink);
            yield return Read(text[at..end], false, group, origin);
            if (at > 0)
                yield return Read(text[before..end], false, group, origin);
            (before, at) = (at, end);
        }
    }

    private static Weights Learn(Example[] examples, (int Epochs, float Decay) setting)
    {
        var weights = new Weights();
        var wordSquares = new float[weights.Words.Length];
        var classSquares = new float[weights.Classes.Length];
        float biasSquares = 1;
        var attacks = examples.Count(e => e.Attack);
        var attackWeight = MathF.Sqrt((examples.Length - attacks) / (float)attacks);
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
                // Each time another part of the features is hidden, so that many weak signs must agree.
                var whole = examples[index];
                var shown = whole with
                {
                    Buckets = [.. whole.Buckets.Where(_ => !draw.Chance(Dropped))],
                    Slots = [.. whole.Slots.Where(_ => !draw.Chance(Dropped))],
                };
                var error = (float)((1 / (1 + Math.Exp(-weights.LogOdds(shown)))) - (shown.Attack ? 1 : 0)) * (shown.Attack ? attackWeight : 1);
                Step(weights.Words, wordSquares, error / InjectionModel.Length(shown.Buckets.Length, InjectionFeatures.FewFeatures), setting.Decay, shown.Buckets.Select(b => (int)b));
                Step(weights.Classes, classSquares, error / InjectionModel.Length(shown.Slots.Length, InjectionFeatures.FewClasses), setting.Decay, shown.Slots);
                biasSquares += error * error;
                weights.Bias -= Rate * error / MathF.Sqrt(biasSquares);
            }
        }

        return weights;
    }

    private static void Step(float[] weights, float[] squares, float error, float decay, IEnumerable<int> features)
    {
        foreach (var feature in features)
        {
            var gradient = error + (decay * weights[feature]);
            squares[feature] += gradient * gradient;
            weights[feature] -= Rate * gradient / MathF.Sqrt(squares[feature] + 1e-4f);
        }
    }

    private static Example Read(string text, bool attack, int group, Origin origin)
    {
        var collected = new Collected { Buckets = [], Slots = [] };
        var features = default(InjectionFeatures);
        var classes = 0UL;
        for (var at = 0; at < text.Length;)
        {
            at = features.Read(text, at, ref collected);
            classes |= features.Classes;
        }

        return new Example([.. collected.Buckets], [.. collected.Slots], classes, attack, group, origin, text);
    }

    private static void Write(string output, Weights weights, float threshold)
    {
        var scale = weights.Words.Max(MathF.Abs) / 127;
        var classScale = weights.Classes.Max(MathF.Abs) / 127;
        var file = new byte[InjectionModel.HeaderLength + weights.Words.Length + weights.Classes.Length];
        "LXCI"u8.CopyTo(file);
        file[4] = InjectionModel.Format;
        file[5] = InjectionFeatures.Bits;
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(8), weights.Bias);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(12), scale);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(16), classScale);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(20), threshold);
        var at = InjectionModel.HeaderLength;
        foreach (var weight in weights.Words)
            file[at++] = (byte)(sbyte)MathF.Round(weight / scale);
        foreach (var weight in weights.Classes)
            file[at++] = (byte)(sbyte)MathF.Round(weight / classScale);
        File.WriteAllBytes(output, file);
    }

    private struct Collected : IFeatureSink
    {
        public List<uint> Buckets { get; init; }

        public List<int> Slots { get; init; }

        public readonly void Add(uint bucket) => Buckets.Add(bucket);

        public readonly void AddClasses(int slot) => Slots.Add(slot);
    }
}
