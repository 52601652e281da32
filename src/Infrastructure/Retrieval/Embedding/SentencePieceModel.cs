using System.Buffers.Binary;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>What a piece is for; the numbers are those of <c>SentencePiece.Type</c> in sentencepiece_model.proto.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One entry of the vocabulary; its id is its position.</summary>
/// <param name="Text">UTF-8, a space written as U+2581.</param>
/// <param name="Score">Natural logarithm of the piece's probability.</param>
internal readonly record struct Piece(ReadOnlyMemory<byte> Text, float Score, PieceKind Kind);

/// <summary>
/// A SentencePiece <c>.model</c> file: a protobuf message <c>ModelProto</c> as sentencepiece_model.proto (google/sentencepiece 0.1.97)
/// describes it. Only what a unigram tokenizer needs is kept; unknown fields are skipped, as protobuf asks.
/// </summary>
internal sealed class SentencePieceModel
{
    private const int Unigram = 1;

    private readonly List<Piece> _pieces = [];
    private int _modelType = Unigram;
    private bool _byteFallback;

    private SentencePieceModel()
    {
    }

    public IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>The id of the one piece that stands for what the vocabulary lacks.</summary>
    public int UnknownId { get; private set; } = -1;

    /// <summary>The normaliser's rules, see <see cref="PrecompiledNormalizer"/>; empty when text is only checked for valid UTF-8.</summary>
    public ReadOnlyMemory<byte> PrecompiledRules { get; private set; }

    /// <summary>A space is put before the text, so that its first word looks like any other.</summary>
    public bool AddDummyPrefix { get; private set; } = true;

    /// <summary>Leading and trailing spaces go, and runs of them become one.</summary>
    public bool RemoveExtraWhitespaces { get; private set; } = true;

    /// <summary>A space becomes U+2581.</summary>
    public bool EscapeWhitespaces { get; private set; } = true;

    /// <summary>The dummy space goes behind the text instead of before it.</summary>
    public bool WhitespaceAsSuffix { get; private set; }

    /// <exception cref="EmbeddingException">The file is absent, is no SentencePiece model, or one of another kind than unigram.</exception>
    public static SentencePieceModel Load(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddingException($"The tokenizer's file {path} can't be read: {e.Message}", e);
        }

        try
        {
            return Parse(file);
        }
        catch (FormatException e)
        {
            throw new EmbeddingException($"{path} is no usable SentencePiece model: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">Says what is wrong with the message.</exception>
    public static SentencePieceModel Parse(ReadOnlyMemory<byte> file)
    {
        var model = new SentencePieceModel();
        var reader = new ProtobufReader(file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: model.AddPiece(reader.Message()); break;
                case 2: model.ReadTrainer(reader.Message()); break;
                case 3: model.ReadNormalizer(reader.Message()); break;
                default: break;
            }
        }

        if (model._pieces.Count == 0) throw new FormatException("it has no vocabulary.");
        if (model._modelType != Unigram) throw new FormatException($"its model_type is {model._modelType}, and only unigram (1) is known.");
        if (model._byteFallback) throw new FormatException("it falls back to bytes, which the models used here don't.");
        if (model.UnknownId < 0) throw new FormatException("it has no piece for the unknown.");
        return model;
    }

    private void AddPiece(ReadOnlyMemory<byte> message)
    {
        ReadOnlyMemory<byte> text = default;
        var score = 0f;
        var kind = PieceKind.Normal;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = reader.Message(); break;
                case 2: score = reader.Single(); break;
                case 3: kind = (PieceKind)reader.Integer(); break;
                default: break;
            }
        }

        if (text.IsEmpty) throw new FormatException($"piece {_pieces.Count} is empty.");
        if (float.IsNaN(score)) throw new FormatException($"piece {_pieces.Count} has no score.");
        if (kind == PieceKind.Unknown)
        {
            if (UnknownId >= 0) throw new FormatException("it has two pieces for the unknown.");
            UnknownId = _pieces.Count;
        }

        _pieces.Add(new Piece(text, score, kind));
    }

    private void ReadTrainer(ReadOnlyMemory<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: _modelType = (int)reader.Integer(); break;
                case 24: WhitespaceAsSuffix = reader.Integer() != 0; break;
                case 35: _byteFallback = reader.Integer() != 0; break;
                default: break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlyMemory<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: PrecompiledRules = reader.Message(); break;
                case 3: AddDummyPrefix = reader.Integer() != 0; break;
                case 4: RemoveExtraWhitespaces = reader.Integer() != 0; break;
                case 5: EscapeWhitespaces = reader.Integer() != 0; break;
                default: break;
            }
        }
    }

    /// <summary>Walks the fields of one protobuf message (protobuf.dev, "Encoding"); a value not asked for is skipped.</summary>
    private struct ProtobufReader(ReadOnlyMemory<byte> message)
    {
        private ReadOnlyMemory<byte> _rest = message;
        private int _wireType;
        private bool _pending;

        public int Field { get; private set; }

        public bool Next()
        {
            if (_pending) Skip();
            if (_rest.IsEmpty) return false;
            var tag = Varint();
            Field = (int)(tag >> 3);
            _wireType = (int)(tag & 7);
            if (Field == 0) throw new FormatException("it isn't a protobuf message.");
            _pending = true;
            return true;
        }

        public ulong Integer()
        {
            Expect(0);
            return Varint();
        }

        public float Single()
        {
            Expect(5);
            return BinaryPrimitives.ReadSingleLittleEndian(Take(4).Span);
        }

        public ReadOnlyMemory<byte> Message()
        {
            Expect(2);
            return Take(Varint());
        }

        private void Expect(int wireType)
        {
            if (_wireType != wireType) throw new FormatException($"its field {Field} has an unexpected type.");
            _pending = false;
        }

        private void Skip()
        {
            _pending = false;
            switch (_wireType)
            {
                case 0: Varint(); break;
                case 1: Take(8); break;
                case 2: Take(Varint()); break;
                case 5: Take(4); break;
                default: throw new FormatException("it isn't a protobuf message.");
            }
        }

        private ReadOnlyMemory<byte> Take(ulong length)
        {
            if (length > (ulong)_rest.Length) throw new FormatException("it is cut off.");
            var taken = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return taken;
        }

        private ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Take(1).Span[0];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }

            throw new FormatException("it isn't a protobuf message.");
        }
    }
}
