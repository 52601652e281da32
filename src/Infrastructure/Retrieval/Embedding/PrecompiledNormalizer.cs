using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>
/// The normaliser that a SentencePiece model carries: at each position the longest rule wins, and text without a rule stays.
/// Its rules are a blob: length of a trie (32 bits), the trie, then the replacements, each ended by a zero byte. The trie is a
/// double array of darts-clone, 32 bits a unit; what the bits mean is told at <see cref="Match"/>.
/// Verified against <c>spm_encode</c> 0.1.97, malformed UTF-8 included.
/// </summary>
internal sealed class PrecompiledNormalizer
{
    /// <summary>U+2581, which stands for a space inside pieces.</summary>
    private static ReadOnlySpan<byte> Space => "▁"u8;

    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;
    private readonly byte[][] _userDefined;
    private readonly bool _addDummyPrefix;
    private readonly bool _removeExtra;
    private readonly bool _escape;
    private readonly bool _suffix;

    /// <summary>ASCII bytes that stay as they are whenever another ASCII byte follows: read off the rules, so that most text skips them.</summary>
    private readonly SearchValues<byte> _plain;

    /// <summary>The same of the space, which is not in <see cref="_plain"/> because it is escaped.</summary>
    private readonly bool _plainSpace;

    /// <exception cref="FormatException">The rules are damaged.</exception>
    public PrecompiledNormalizer(SentencePieceModel model)
    {
        _addDummyPrefix = model.AddDummyPrefix;
        _removeExtra = model.RemoveExtraWhitespaces;
        _escape = model.EscapeWhitespaces;
        _suffix = model.WhitespaceAsSuffix;
        _userDefined = [.. model.Pieces.Where(p => p.Kind == PieceKind.UserDefined).Select(p => p.Text.ToArray()).OrderByDescending(t => t.Length)];
        (_trie, _replacements) = ReadRules(model.PrecompiledRules.Span);
        _plain = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(b => (byte)b).Where(IsPlain)]);
        _plainSpace = IsPlain((byte)' ');
    }

    /// <summary>Appends the normalised text, which is valid UTF-8 whatever came in.</summary>
    /// <param name="origins">When given, gets for each byte of the output the offset in <paramref name="text"/> that it came from, and one more for the end.</param>
    public void Normalize(ReadOnlySpan<byte> text, ref PooledList<byte> output, ref PooledList<int> origins, bool wantOrigins)
    {
        var at = 0;
        if (_removeExtra)
        {
            while (at < text.Length)
            {
                var head = Prefix(text[at..], out var length);
                if (!head.SequenceEqual(" "u8)) break;
                at += length;
            }
        }

        if (at == text.Length) return;

        if (!_suffix && _addDummyPrefix) AppendSpace(ref output, ref origins, wantOrigins, at);

        var afterSpace = _removeExtra;
        while (at < text.Length)
        {
            var run = PlainRun(text[at..]);
            if (run > 0)
            {
                output.Append(text.Slice(at, run));
                if (wantOrigins)
                {
                    for (var i = 0; i < run; i++) origins.Append(at + i);
                }

                at += run;
                afterSpace = false;
                continue;
            }

            var piece = Prefix(text[at..], out var consumed);
            if (afterSpace) piece = piece.TrimStart((byte)' ');
            foreach (var b in piece)
            {
                if (b == ' ' && _escape)
                {
                    AppendSpace(ref output, ref origins, wantOrigins, at);
                    continue;
                }

                output.Append(b);
                if (wantOrigins) origins.Append(at);
            }

            // Something that vanishes altogether leaves the memory of a space standing.
            if (!piece.IsEmpty) afterSpace = piece[^1] == ' ';
            if (!_removeExtra) afterSpace = false;
            at += consumed;
        }

        if (_removeExtra)
        {
            var space = _escape ? Space : " "u8;
            while (output.Span.EndsWith(space))
            {
                output.Length -= space.Length;
                if (!wantOrigins) continue;
                at = origins.Span[output.Length];
                origins.Length = output.Length;
            }
        }

        if (_suffix && _addDummyPrefix) AppendSpace(ref output, ref origins, wantOrigins, at);
        if (wantOrigins) origins.Append(at);
    }

    /// <summary>How many leading bytes surely stay as they are; the last ASCII byte before something else may join it in a rule.</summary>
    private int PlainRun(ReadOnlySpan<byte> text)
    {
        var run = text.IndexOfAnyExcept(_plain);
        if (run < 0) return text.Length;
        return text[run] >= 0x80 ? Math.Max(run - 1, 0) : run;
    }

    private bool IsPlain(byte first)
    {
        if (_userDefined.Any(u => u[0] == first)) return false;
        if (_trie.Length == 0) return true;
        if (Match([first], out _, out _)) return false;
        Span<byte> two = [first, 0];
        for (var second = 0; second < 0x80; second++)
        {
            two[1] = (byte)second;
            Match(two, out _, out var walked);
            if (walked == 2) return false;
        }

        return true;
    }

    private void AppendSpace(ref PooledList<byte> output, ref PooledList<int> origins, bool wantOrigins, int origin)
    {
        var space = _escape ? Space : " "u8;
        output.Append(space);
        if (!wantOrigins) return;
        for (var i = 0; i < space.Length; i++) origins.Append(origin);
    }

    /// <summary>What the text's head becomes, and how many bytes of it that takes; user-defined symbols stay whole and come first.</summary>
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int consumed)
    {
        if (text[0] == ' ' && _plainSpace && (text.Length == 1 || text[1] < 0x80))
        {
            consumed = 1;
            return text[..1];
        }

        foreach (var symbol in _userDefined)
        {
            if (!text.StartsWith(symbol)) continue;
            consumed = symbol.Length;
            return text[..consumed];
        }

        if (_trie.Length > 0 && Match(text, out var rule, out consumed))
        {
            var replacement = _replacements.AsSpan(rule.Offset);
            consumed = rule.Length;
            return replacement[..replacement.IndexOf((byte)0)];
        }

        if (Rune.DecodeFromUtf8(text, out _, out var length) == OperationStatus.Done)
        {
            consumed = length;
            return text[..length];
        }

        // One byte at a time, where Unicode would replace a longer ill-formed sequence at once.
        consumed = 1;
        return Replacement;
    }

    /// <summary>
    /// The longest rule at the text's head. In a unit of darts-clone, bits 0–7 and 31 are the label, bit 8 says that a value
    /// hangs below, bits 10–30 are the offset of the children (shifted by 8 more when bit 9 is set); children and value are
    /// found by exclusive or, and a value is the lower 31 bits of its unit.
    /// </summary>
    /// <param name="walked">How many bytes the trie knows, rule or not.</param>
    private bool Match(ReadOnlySpan<byte> text, out (int Length, int Offset) rule, out int walked)
    {
        rule = default;
        var trie = _trie;
        var node = Offset(trie[0]);
        for (walked = 0; walked < text.Length; walked++)
        {
            node ^= text[walked];
            if (node >= (uint)trie.Length) break;
            var unit = trie[node];
            if ((unit & 0x8000_00FF) != text[walked]) break;
            node ^= Offset(unit);
            if ((unit & 0x100) == 0) continue;
            if (node >= (uint)trie.Length) break;
            var value = trie[node] & 0x7FFF_FFFF;
            if (value < (uint)_replacements.Length) rule = (walked + 1, (int)value);
        }

        return rule.Length > 0;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private static (uint[] Trie, byte[] Replacements) ReadRules(ReadOnlySpan<byte> blob)
    {
        if (blob.IsEmpty) return ([], []);
        if (blob.Length < 4) throw new FormatException("its normaliser's rules are cut off.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (length == 0 || length % 4 != 0 || length > blob.Length - 4) throw new FormatException("its normaliser's rules are cut off.");
        var trie = new uint[length / 4];
        for (var i = 0; i < trie.Length; i++) trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + (4 * i))..]);
        var replacements = blob[(4 + (int)length)..].ToArray();
        if (replacements.Length == 0 || replacements[^1] != 0) throw new FormatException("its normaliser's rules have no end.");
        return (trie, replacements);
    }
}
