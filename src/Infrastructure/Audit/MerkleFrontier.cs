using System.Numerics;
using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// A growing tree in logarithmic memory: the roots of its complete subtrees, one for each bit that is set in its size, the largest first from
/// the left. RFC 9162's root of any number of leaves is these, folded from the right.
/// </summary>
internal sealed class MerkleFrontier
{
    private const int Levels = 63;

    private readonly byte[] subtrees = new byte[Levels * MerkleTree.HashLength];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    public void Append(ReadOnlySpan<byte> leaf, NodeCompleted? completed = null) => Append(0, leaf, completed);

    /// <summary>Appends a complete subtree of 2^<paramref name="level"/> leaves.</summary>
    /// <param name="completed">Told of each node that this completes, from below, the subtree itself included.</param>
    /// <exception cref="InvalidOperationException">The tree does not end where such a subtree can begin.</exception>
    public void Append(int level, ReadOnlySpan<byte> subtree, NodeCompleted? completed = null)
    {
        if ((Size & ((1L << level) - 1)) != 0)
            throw new InvalidOperationException($"A subtree of level {level} cannot follow {Size} leaves.");

        Span<byte> node = stackalloc byte[MerkleTree.HashLength];
        subtree.CopyTo(node);
        var size = Size + (1L << level);
        completed?.Invoke(level, (size >> level) - 1, node);
        while (((Size >> level) & 1) == 1)
        {
            MerkleTree.Node(At(level), node, node);
            level++;
            completed?.Invoke(level, (size >> level) - 1, node);
        }

        node.CopyTo(At(level));
        Size = size;
    }

    /// <summary>Appends what another tree holds, which is the continuation of this one.</summary>
    public void Append(MerkleFrontier next)
    {
        for (var level = Levels - 1; level >= 0; level--)
        {
            if (((next.Size >> level) & 1) == 1)
                Append(level, next.At(level));
        }
    }

    /// <summary>The root; of no leaves it is the hash of nothing.</summary>
    public byte[] Root()
    {
        if (Size == 0)
            return SHA256.HashData([]);

        var lowest = BitOperations.TrailingZeroCount(Size);
        return Fold(At(lowest), lowest + 1);
    }

    /// <summary>The root of this tree followed by one whose root is <paramref name="next"/>, which is smaller than any subtree here.</summary>
    public byte[] RootWith(ReadOnlySpan<byte> next) => Fold(next, 0);

    private byte[] Fold(ReadOnlySpan<byte> right, int from)
    {
        var root = right.ToArray();
        for (var level = from; level < Levels; level++)
        {
            if (((Size >> level) & 1) == 1)
                MerkleTree.Node(At(level), root, root);
        }

        return root;
    }

    private Span<byte> At(int level) => subtrees.AsSpan(level * MerkleTree.HashLength, MerkleTree.HashLength);
}

/// <param name="index">0-based among the nodes of that level: it covers leaves <c>index * 2^level</c> and on.</param>
internal delegate void NodeCompleted(int level, long index, ReadOnlySpan<byte> hash);
