using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>
/// The vocabulary as a double-array trie (Aoe, 1989). The child of a node by byte b is at the node's base + b, and is its child when it is
/// taken and labelled b: no two nodes share a base. A step reads 4 bytes, because a large vocabulary's speed is that of the cache.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>The unit is a node; compared together with the label in the lower 8 bits.</summary>
    public const uint Taken = 0x200;

    /// <summary>What a child by a byte must have: that label, and <see cref="Taken"/>.</summary>
    public const uint LabelMask = 0x2FF;

    /// <summary>A piece ends here, see <see cref="Ends"/>.</summary>
    public const uint EndsPiece = 0x100;

    /// <summary>The base is what is left of a unit shifted by this.</summary>
    public const int BaseShift = 10;

    private const int LargestBase = (1 << (32 - BaseShift)) - 1;

    /// <summary>A piece, at the node where it ends.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct End(int Id, float Score);

    private readonly List<(byte[] Key, int Id, float Score)> _keys;
    private readonly HashSet<int> _bases = [];
    private readonly List<(byte Label, int Low, int High)>[] _children = new List<(byte Label, int Low, int High)>[byte.MaxValue + 1];
    private uint[] _units = [];
    private End[] _ends = [];
    private int _used = 1;

    /// <summary>No free unit lies before it, or so few that looking at them again costs more than they save.</summary>
    private int _firstFree = 1;

    /// <exception cref="FormatException">A piece stands twice, is longer than 255 bytes, or there are too many.</exception>
    public PieceTrie(IEnumerable<(byte[] Key, int Id, float Score)> keys)
    {
        _keys = [.. keys];
        _keys.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        if (_keys.Find(static k => k.Key.Length > byte.MaxValue) is { Key: not null } longest) throw new FormatException($"piece {longest.Id} is longer than 255 bytes.");
        Grow(1 << 12);

        // Nobody's child: unit 0 is looked up by byte 0 alone, from nodes without children, and must not look like theirs.
        _units[0] = Taken | byte.MaxValue;
        Place(0, 0, _keys.Count, 0);

        // 256 units behind the last, so that no lookup leaves the array.
        Array.Resize(ref _units, _used + 256);
        Array.Resize(ref _ends, _used);
        (_keys, _bases, _children) = ([], [], []);
    }

    /// <summary>Unit 0 is the root; any byte may be looked up from any node.</summary>
    public ReadOnlySpan<uint> Units => _units;

    /// <summary>By node; meaningful where the unit says <see cref="EndsPiece"/>.</summary>
    public ReadOnlySpan<End> Ends => _ends;

    /// <summary>Gives the node for keys[low..high], which share their first <paramref name="depth"/> bytes, its children.</summary>
    private void Place(int node, int low, int high, int depth)
    {
        if (_keys[low].Key.Length == depth)
        {
            _units[node] |= EndsPiece;
            _ends[node] = new End(_keys[low].Id, _keys[low].Score);
            low++;
            if (low < high && _keys[low].Key.Length == depth) throw new FormatException($"piece {_keys[low].Id} stands twice in the vocabulary.");
        }

        if (low == high) return;

        // One list a depth is enough: a node is done with its own before a sibling starts.
        var children = _children[depth] ??= [];
        children.Clear();
        for (var i = low; i < high;)
        {
            var label = _keys[i].Key[depth];
            var from = i;
            while (i < high && _keys[i].Key[depth] == label) i++;
            children.Add((label, from, i));
        }

        var start = FindBase(children);
        _bases.Add(start);
        _units[node] |= (uint)start << BaseShift;
        foreach (var (label, _, _) in children)
        {
            _units[start + label] = Taken | label;
            _used = Math.Max(_used, start + label + 1);
        }

        foreach (var (label, from, to) in children) Place(start + label, from, to, depth + 1);
    }

    /// <summary>Never 0, where the lookups of childless nodes end: there a label is not its own place.</summary>
    private int FindBase(List<(byte Label, int Low, int High)> children)
    {
        while (_firstFree < _units.Length && _units[_firstFree] != 0) _firstFree++;
        var first = children[0].Label;
        var seen = 0;
        var taken = 0;
        for (var at = Math.Max(_firstFree, first + 1); ; at++)
        {
            if (at - first + 256 >= _units.Length) Grow(_units.Length * 2);
            seen++;
            if (_units[at] != 0)
            {
                taken++;
                continue;
            }

            var start = at - first;
            if (start > LargestBase) throw new FormatException("its vocabulary is larger than the tokenizer can hold.");
            if (_bases.Contains(start) || !Fits(children, start)) continue;

            // A stretch that is nearly full is not searched again.
            if (seen > 256 && taken > seen * 0.9) _firstFree = at;
            return start;
        }
    }

    private bool Fits(List<(byte Label, int Low, int High)> children, int start)
    {
        foreach (var (label, _, _) in children)
        {
            if (_units[start + label] != 0) return false;
        }

        return true;
    }

    private void Grow(int length)
    {
        Array.Resize(ref _units, length);
        Array.Resize(ref _ends, length);
    }
}
