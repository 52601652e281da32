using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>
/// The vocabulary as a double-array trie (Aoe, 1989): the child of node n by byte b is cell n.Base + b, and it is a child when
/// its Parent says so. Everything a step needs lies in one 16-byte cell.
/// </summary>
internal sealed class PieceTrie
{
    /// <param name="Base">Where the children start.</param>
    /// <param name="Parent">The node above, -1 where the cell is free.</param>
    /// <param name="Id">The piece that ends here, -1 where none does.</param>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Cell(int Base, int Parent, int Id, float Score)
    {
        public static Cell Free => new(0, -1, -1, 0);
    }

    private readonly List<(byte[] Key, int Id, float Score)> _keys;
    private Cell[] _cells = [];
    private int _used = 1;

    /// <summary>No free cell lies before it, or so few that looking at them again costs more than they save.</summary>
    private int _firstFree = 1;

    public PieceTrie(IEnumerable<(byte[] Key, int Id, float Score)> keys)
    {
        _keys = [.. keys];
        _keys.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        Grow(1 << 12);
        _cells[0] = Cell.Free with { Parent = 0 };
        Place(0, 0, _keys.Count, 0);

        // 256 cells behind the last, so that no lookup leaves the array.
        Array.Resize(ref _cells, _used + 256);
        _keys = [];
    }

    /// <summary>Node 0 is the root; any byte may be looked up from any node.</summary>
    public ReadOnlySpan<Cell> Cells => _cells;

    /// <summary>Gives the node for keys[low..high], which share their first <paramref name="depth"/> bytes, its cells.</summary>
    private void Place(int node, int low, int high, int depth)
    {
        if (_keys[low].Key.Length == depth)
        {
            _cells[node] = _cells[node] with { Id = _keys[low].Id, Score = _keys[low].Score };
            low++;
            if (low < high && _keys[low].Key.Length == depth) throw new FormatException($"piece {_keys[low].Id} stands twice in the vocabulary.");
        }

        if (low == high) return;

        var children = new List<(byte Label, int Low, int High)>();
        for (var i = low; i < high;)
        {
            var label = _keys[i].Key[depth];
            var from = i;
            while (i < high && _keys[i].Key[depth] == label) i++;
            children.Add((label, from, i));
        }

        var start = FindBase(children);
        _cells[node] = _cells[node] with { Base = start };
        foreach (var (label, _, _) in children)
        {
            _cells[start + label] = Cell.Free with { Parent = node };
            _used = Math.Max(_used, start + label + 1);
        }

        foreach (var (label, from, to) in children) Place(start + label, from, to, depth + 1);
    }

    private int FindBase(List<(byte Label, int Low, int High)> children)
    {
        while (_firstFree < _cells.Length && _cells[_firstFree].Parent >= 0) _firstFree++;
        var first = children[0].Label;
        var seen = 0;
        var taken = 0;
        for (var at = Math.Max(_firstFree, first + 1); ; at++)
        {
            if (at - first + 256 >= _cells.Length) Grow(_cells.Length * 2);
            seen++;
            if (_cells[at].Parent >= 0)
            {
                taken++;
                continue;
            }

            var start = at - first;
            var fits = true;
            foreach (var (label, _, _) in children)
            {
                if (_cells[start + label].Parent < 0) continue;
                fits = false;
                break;
            }

            if (!fits) continue;

            // A stretch that is nearly full is not searched again.
            if (seen > 256 && taken > seen * 0.9) _firstFree = at;
            return start;
        }
    }

    private void Grow(int length)
    {
        var old = _cells.Length;
        Array.Resize(ref _cells, length);
        _cells.AsSpan(old).Fill(Cell.Free);
    }
}
