using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// The trained weights (<c>Models/injection-1.weights</c>, written by <c>LexCustis.Evaluation train-injection</c>). The file: "LXCI",
/// a format version, the bucket bits, bias, scale, the two thresholds as 32-bit floats, then one signed byte a bucket.
/// </summary>
internal sealed class InjectionModel
{
    public const int HeaderLength = 24;
    public const byte Format = 1;

    private readonly sbyte[] _weights;
    private readonly float _bias;
    private readonly float _scale;

    private InjectionModel(ReadOnlySpan<byte> file)
    {
        if (file.Length != HeaderLength + InjectionFeatures.Buckets || !file.StartsWith("LXCI"u8) || file[4] != Format || file[5] != InjectionFeatures.Bits)
            throw new InvalidOperationException("The injection model is not of this build's format.");
        _bias = BinaryPrimitives.ReadSingleLittleEndian(file[8..]);
        _scale = BinaryPrimitives.ReadSingleLittleEndian(file[12..]);
        Alone = BinaryPrimitives.ReadSingleLittleEndian(file[16..]);
        WithRule = BinaryPrimitives.ReadSingleLittleEndian(file[20..]);
        _weights = new sbyte[InjectionFeatures.Buckets];
        for (var i = 0; i < _weights.Length; i++)
            _weights[i] = (sbyte)file[HeaderLength + i];
    }

    public static InjectionModel Current { get; } = Load();

    /// <summary>From here a sentence is reported on the classifier's word alone.</summary>
    public float Alone { get; }

    /// <summary>From here a sentence that a rule names is reported; below, the rule is taken for chance.</summary>
    public float WithRule { get; }

    /// <summary>Reads a sentence, adds up its weights, and returns where the next begins.</summary>
    public int ReadSentence(ReadOnlySpan<char> text, int start, out SentenceWeight weight)
    {
        var sum = new Sum(_weights);
        var next = InjectionFeatures.ReadSentence(text, start, ref sum, out var words);
        weight = new SentenceWeight(sum.Total, sum.Count, words);
        return next;
    }

    /// <summary>The log-odds of an attack: length is divided out by the square root, as in training.</summary>
    public float LogOdds(SentenceWeight weight) => weight.Features == 0 ? float.NegativeInfinity : _bias + (_scale * weight.Sum / MathF.Sqrt(weight.Features));

    private static InjectionModel Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("checks/injection-1.weights")
            ?? throw new InvalidOperationException("The injection model is not in this build.");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return new InjectionModel(file);
    }

    private ref struct Sum(ReadOnlySpan<sbyte> weights) : IFeatureSink
    {
        private readonly ReadOnlySpan<sbyte> _weights = weights;

        public int Total { get; private set; }

        public int Count { get; private set; }

        public void Add(uint bucket)
        {
            Total += _weights[(int)bucket];
            Count++;
        }
    }
}

/// <summary>What a sentence weighs, so that two in a row can be judged together.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SentenceWeight(int Sum, int Features, int Words)
{
    public static SentenceWeight operator +(SentenceWeight a, SentenceWeight b) => new(a.Sum + b.Sum, a.Features + b.Features, a.Words + b.Words);
}
