using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>A token's place in the text it came from, in UTF-16 code units; the places of neighbours may touch but don't overlap.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenSpan(int Start, int End);

/// <summary>
/// SentencePiece's unigram segmentation (Kudo 2018, arXiv:1804.10959): of all ways to cut the text into pieces of the vocabulary,
/// the one whose scores add up highest, found by Viterbi. Gives the very ids of <c>spm_encode</c> 0.1.97, for which the order and
/// the width of the additions matter as much as the formula. Safe for use by many threads at once.
/// </summary>
internal sealed class UnigramTokenizer
{
    /// <summary>XLM-RoBERTa's own ids, put before SentencePiece's (fairseq's dictionary): start, padding, end, unknown.</summary>
    public const int StartId = 0;

    /// <summary>Stands where a shorter text fills up a batch.</summary>
    public const int PaddingId = 1;

    /// <summary>Ends every text.</summary>
    public const int EndId = 2;

    /// <summary>Stands for a run of characters that no piece covers.</summary>
    public const int UnknownId = 3;

    /// <summary>Between the ids of SentencePiece and those of XLM-RoBERTa.</summary>
    private const int Shift = 1;

    /// <summary>What an unknown character costs below the least likely piece (kUnkPenalty in unigram_model.cc).</summary>
    private const float UnknownPenalty = 10;

    private readonly PrecompiledNormalizer _normalizer;
    private readonly PieceTrie _trie;
    private readonly int _unknown;
    private readonly float _unknownScore;

    /// <summary>Scores of user-defined symbols by id, which are longer than a float; null when there are none.</summary>
    private readonly Dictionary<int, double>? _userDefined;

    /// <exception cref="EmbeddingException">The file is absent, damaged or of another kind.</exception>
    public static UnigramTokenizer Load(string path)
    {
        var model = SentencePieceModel.Load(path);
        try
        {
            return new UnigramTokenizer(model);
        }
        catch (FormatException e)
        {
            throw new EmbeddingException($"{path} is no usable SentencePiece model: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">The vocabulary contradicts itself, or the normaliser's rules are damaged.</exception>
    public UnigramTokenizer(SentencePieceModel model)
    {
        _normalizer = new PrecompiledNormalizer(model);
        _unknown = model.UnknownId;
        VocabularySize = model.Pieces.Count + Shift;

        var least = float.MaxValue;

        // C's FLT_MIN, the smallest normal float: a quirk that decides the bonus of user-defined symbols.
        var most = 1.17549435e-38f;
        foreach (var piece in model.Pieces)
        {
            if (piece.Kind != PieceKind.Normal) continue;
            least = MathF.Min(least, piece.Score);
            most = MathF.Max(most, piece.Score);
        }

        _unknownScore = least - UnknownPenalty;
        var keys = new List<(byte[] Key, int Id, float Score)>(model.Pieces.Count);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var piece = model.Pieces[id];
            if (piece.Kind is not (PieceKind.Normal or PieceKind.UserDefined)) continue;
            keys.Add((piece.Text.ToArray(), id, piece.Score));
            if (piece.Kind == PieceKind.UserDefined) (_userDefined ??= [])[id] = (piece.Text.Length * most) - 0.1;
        }

        if (keys.Count == 0) throw new FormatException("it has no pieces of text.");
        _trie = new PieceTrie(keys);
    }

    /// <summary>Every id that <see cref="Encode"/> gives is below it. The model's table may be larger: XLM-R keeps a mask behind.</summary>
    public int VocabularySize { get; }

    /// <summary>The model's input for a text: start, its pieces, end; cut off behind <paramref name="maxTokens"/> − 1 so that the end stays.</summary>
    /// <remarks>The text is brought to NFC first; a lone surrogate counts as U+FFFD.</remarks>
    public long[] Encode(string text, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 2);
        var bytes = new PooledList<byte>(256);
        var ids = new PooledList<int>(256);
        try
        {
            AppendUtf8(UnicodeNormalization.Compose(text), ref bytes);
            Segment(bytes.Span, ref ids);
            var kept = Math.Min(ids.Length, maxTokens - 2);
            var input = new long[kept + 2];
            for (var i = 0; i < kept; i++) input[i + 1] = ids.Span[i] == _unknown ? UnknownId : ids.Span[i] + Shift;
            input[^1] = EndId;
            return input;
        }
        finally
        {
            bytes.Dispose();
            ids.Dispose();
        }
    }

    /// <summary>How many tokens the text takes as it stands, start and end not counted.</summary>
    public int Count(ReadOnlySpan<char> text)
    {
        var bytes = new PooledList<byte>(256);
        var ids = new PooledList<int>(256);
        try
        {
            AppendUtf8(text, ref bytes);
            Segment(bytes.Span, ref ids);
            return ids.Length;
        }
        finally
        {
            bytes.Dispose();
            ids.Dispose();
        }
    }

    /// <summary>Where the tokens of the text lie, as it stands; start and end have no place.</summary>
    public IReadOnlyList<TokenSpan> Spans(ReadOnlySpan<char> text)
    {
        var bytes = new PooledList<byte>(256);
        var normalized = new PooledList<byte>(256);
        var origins = new PooledList<int>(256);
        try
        {
            AppendUtf8(text, ref bytes);
            _normalizer.Normalize(bytes.Span, ref normalized, ref origins, wantOrigins: true);
            if (normalized.Length == 0) return [];
            var ids = new PooledList<int>(256);
            var ends = new PooledList<int>(256);
            try
            {
                BestPath(normalized.Span, ref ids, ref ends, wantEnds: true);
                return Places(bytes.Span, origins.Span, ends.Span);
            }
            finally
            {
                ids.Dispose();
                ends.Dispose();
            }
        }
        finally
        {
            bytes.Dispose();
            normalized.Dispose();
            origins.Dispose();
        }
    }

    /// <summary>SentencePiece's own ids for bytes as they are, malformed or not: what <c>spm_encode --output_format=id</c> prints.</summary>
    public void EncodePieces(ReadOnlySpan<byte> utf8, List<int> ids)
    {
        var found = new PooledList<int>(256);
        try
        {
            Segment(utf8, ref found);
            foreach (var id in found.Span) ids.Add(id);
        }
        finally
        {
            found.Dispose();
        }
    }

    private void Segment(ReadOnlySpan<byte> utf8, ref PooledList<int> ids)
    {
        var normalized = new PooledList<byte>(utf8.Length + 64);
        var unwanted = default(PooledList<int>);
        try
        {
            _normalizer.Normalize(utf8, ref normalized, ref unwanted, wantOrigins: false);
            BestPath(normalized.Span, ref ids, ref unwanted, wantEnds: false);
        }
        finally
        {
            normalized.Dispose();
        }
    }

    /// <summary>The best way to one position of the text; the zero value means that none is known.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private record struct Arrival(float Score, int Id, int StartPlusOne);

    /// <summary>Appends ids in order of the text, a run of unknown characters as one; where each ends in <paramref name="text"/> when asked for.</summary>
    private void BestPath(ReadOnlySpan<byte> text, ref PooledList<int> ids, ref PooledList<int> ends, bool wantEnds)
    {
        if (text.IsEmpty) return;
        var rented = ArrayPool<Arrival>.Shared.Rent(text.Length + 1);
        try
        {
            var best = rented.AsSpan(0, text.Length + 1);
            best.Clear();
            Search(text, best);

            var first = ids.Length;
            var after = -1;
            for (var at = text.Length; at > 0; at = best[at].StartPlusOne - 1)
            {
                var id = best[at].Id;
                if (id == _unknown && after == _unknown) continue;
                after = id;
                ids.Append(id);
                if (wantEnds) ends.Append(at);
            }

            ids.Span[first..].Reverse();
            if (wantEnds) ends.Span.Reverse();
        }
        finally
        {
            ArrayPool<Arrival>.Shared.Return(rented);
        }
    }

    private void Search(ReadOnlySpan<byte> text, Span<Arrival> best)
    {
        var units = _trie.Units;
        var ends = _trie.Ends;
        for (var start = 0; start < text.Length;)
        {
            var before = best[start].Score;
            var character = Math.Min(CharacterLength(text[start]), text.Length - start);
            var covered = false;
            var unit = units[0];
            for (var at = start; at < text.Length;)
            {
                var node = (unit >> PieceTrie.BaseShift) + text[at];
                unit = units[(int)node];
                if ((unit & PieceTrie.LabelMask) != (PieceTrie.Taken | text[at])) break;
                at++;
                if ((unit & PieceTrie.EndsPiece) == 0) continue;

                // The sum is a double, kept as a float, and only what is strictly better displaces what came first.
                var end = ends[(int)node];
                double score = end.Score;
                if (_userDefined is not null && _userDefined.TryGetValue(end.Id, out var bonus)) score = bonus;
                var candidate = score + before;
                ref var target = ref best[at];
                if (target.StartPlusOne == 0 || candidate > target.Score) target = new Arrival((float)candidate, end.Id, start + 1);
                covered |= at - start == character;
            }

            if (!covered)
            {
                ref var target = ref best[start + character];
                var candidate = _unknownScore + before;
                if (target.StartPlusOne == 0 || candidate > target.Score) target = new Arrival(candidate, _unknown, start + 1);
            }

            start += character;
        }
    }

    /// <summary>By the first byte alone; the normaliser leaves only valid UTF-8.</summary>
    private static int CharacterLength(byte first) => first switch
    {
        < 0xC0 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };

    /// <summary>Turns ends in the normalised text into places in the UTF-16 text, over the byte offsets between.</summary>
    private static List<TokenSpan> Places(ReadOnlySpan<byte> utf8, ReadOnlySpan<int> origins, ReadOnlySpan<int> ends)
    {
        var places = new List<TokenSpan>(ends.Length);
        var (bytes, units) = (0, 0);
        var start = Units(utf8, origins[0], ref bytes, ref units);
        foreach (var end in ends)
        {
            var stop = Units(utf8, origins[end], ref bytes, ref units);
            places.Add(new TokenSpan(start, stop));
            start = stop;
        }

        return places;
    }

    private static int Units(ReadOnlySpan<byte> utf8, int until, ref int bytes, ref int units)
    {
        while (bytes < until)
        {
            var length = CharacterLength(utf8[bytes]);
            units += length == 4 ? 2 : 1;
            bytes += length;
        }

        return units;
    }

    private static void AppendUtf8(ReadOnlySpan<char> text, ref PooledList<byte> bytes)
    {
        var needed = Encoding.UTF8.GetMaxByteCount(text.Length);
        bytes.Dispose();
        bytes = new PooledList<byte>(needed);
        bytes.Length = Encoding.UTF8.GetBytes(text, bytes.Room);
    }
}
