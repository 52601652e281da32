using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// The trained weights (<c>Models/injection-3.weights</c>, written by <c>LexCustis.Evaluation train-injection</c>). The file: "LXCI",
/// a format version, the bucket bits, then as 32-bit floats bias, scale of the n-grams, scale of the classes and the threshold, then one
/// signed byte a bucket and one a class slot.
/// </summary>
internal sealed class InjectionModel
{
    public const int HeaderLength = 24;
    public const byte Format = 3;

    private readonly sbyte[] _weights;
    private readonly sbyte[] _classWeights;
    private readonly float _bias;
    private readonly float _scale;
    private readonly float _classScale;

    private InjectionModel(ReadOnlySpan<byte> file)
    {
        if (file.Length != HeaderLength + InjectionFeatures.Buckets + InjectionFeatures.ClassSlots
            || !file.StartsWith("LXCI"u8) || file[4] != Format || file[5] != InjectionFeatures.Bits)
        {
            throw new InvalidOperationException("The injection model is not of this build's format.");
        }

        _bias = BinaryPrimitives.ReadSingleLittleEndian(file[8..]);
        _scale = BinaryPrimitives.ReadSingleLittleEndian(file[12..]);
        _classScale = BinaryPrimitives.ReadSingleLittleEndian(file[16..]);
        Threshold = BinaryPrimitives.ReadSingleLittleEndian(file[20..]);
        _weights = MemoryMarshal.Cast<byte, sbyte>(file.Slice(HeaderLength, InjectionFeatures.Buckets)).ToArray();
        _classWeights = MemoryMarshal.Cast<byte, sbyte>(file[(HeaderLength + InjectionFeatures.Buckets)..]).ToArray();
    }

    public static InjectionModel Current { get; } = Load();

    /// <summary>From here a sentence is reported.</summary>
    public float Threshold { get; }

    /// <summary>Reads a sentence, adds up its weights, and returns where the next begins.</summary>
    public int ReadSentence(ReadOnlySpan<char> text, int start, ref InjectionFeatures features, out SentenceWeight weight)
    {
        var sum = new Sum(_weights, _classWeights);
        var next = features.Read(text, start, ref sum);
        weight = new SentenceWeight(sum.Total, sum.Count, sum.ClassTotal, sum.ClassCount, features.Words, features.Classes);
        return next;
    }

    /// <summary>
    /// The log-odds of an attack. Length is divided out by the square root, as in training, and from little to go by little follows:
    /// that is what the constants do. Negative infinity for what is no case at all.
    /// </summary>
    public float LogOdds(SentenceWeight weight) => InjectionFeatures.IsCase(weight.Classes)
        ? _bias + (_scale * weight.Sum / Length(weight.Features, InjectionFeatures.FewFeatures)) + (_classScale * weight.ClassSum / Length(weight.ClassFeatures, InjectionFeatures.FewClasses))
        : float.NegativeInfinity;

    /// <summary>What a sum of so many weights is divided by.</summary>
    public static float Length(int count, int few) => MathF.Sqrt(count + few);

    private static InjectionModel Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("checks/injection-3.weights")
            ?? throw new InvalidOperationException("The injection model is not in this build.");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return new InjectionModel(file);
    }

    private ref struct Sum(ReadOnlySpan<sbyte> weights, ReadOnlySpan<sbyte> classWeights) : IFeatureSink
    {
        private readonly ReadOnlySpan<sbyte> _weights = weights;
        private readonly ReadOnlySpan<sbyte> _classWeights = classWeights;

        public int Total { get; private set; }

        public int Count { get; private set; }

        public int ClassTotal { get; private set; }

        public int ClassCount { get; private set; }

        public void Add(uint bucket)
        {
            Total += _weights[(int)bucket];
            Count++;
        }

        public void AddClasses(int slot)
        {
            ClassTotal += _classWeights[slot];
            ClassCount++;
        }
    }
}

/// <summary>What a sentence weighs, so that two in a row can be judged together.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SentenceWeight(int Sum, int Features, int ClassSum, int ClassFeatures, int Words, ulong Classes)
{
    public static SentenceWeight operator +(SentenceWeight a, SentenceWeight b) =>
        new(a.Sum + b.Sum, a.Features + b.Features, a.ClassSum + b.ClassSum, a.ClassFeatures + b.ClassFeatures, a.Words + b.Words, a.Classes | b.Classes);
}
