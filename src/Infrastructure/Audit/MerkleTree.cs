using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The Merkle tree of RFC 9162, section 2.1, over the chain's entries: leaf i is sequence i + 1. Pure functions over hashes and numbers.</summary>
internal static class MerkleTree
{
    public const int HashLength = 32;

    /// <summary><c>SHA-256(0x00 || entryHash || body)</c>.</summary>
    public static byte[] Leaf(ReadOnlySpan<byte> entryHash, ReadOnlySpan<byte> body)
    {
        var input = new byte[1 + entryHash.Length + body.Length];
        entryHash.CopyTo(input.AsSpan(1));
        body.CopyTo(input.AsSpan(1 + entryHash.Length));
        return SHA256.HashData(input);
    }

    /// <summary>The same with a hash that is set up already, for many.</summary>
    public static void Leaf(IncrementalHash sha256, ReadOnlySpan<byte> entryHash, ReadOnlySpan<byte> body, Span<byte> leaf)
    {
        sha256.AppendData([0]);
        sha256.AppendData(entryHash);
        sha256.AppendData(body);
        sha256.GetHashAndReset(leaf);
    }

    /// <summary><c>SHA-256(0x01 || left || right)</c>.</summary>
    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var node = new byte[HashLength];
        Node(left, right, node);
        return node;
    }

    /// <param name="node">32 bytes; may be <paramref name="left"/> or <paramref name="right"/> itself.</param>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> node)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashLength)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashLength)..]);
        SHA256.HashData(input, node);
    }

    /// <summary>The parts of a tree of <paramref name="size"/> leaves that prove leaf <paramref name="index"/> (0-based), nearest sibling first: RFC 9162, section 2.1.3.1.</summary>
    public static List<LeafRange> InclusionPath(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<LeafRange>();
        for (var (start, count) = (0L, size); count > 1;)
        {
            var split = SplitPoint(count);
            if (index - start < split)
            {
                path.Add(new LeafRange(start + split, count - split));
                count = split;
            }
            else
            {
                path.Add(new LeafRange(start, split));
                (start, count) = (start + split, count - split);
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>The parts that prove that a tree of <paramref name="size"/> leaves extends the one of its first <paramref name="oldSize"/>: RFC 9162, section 2.1.4.1. None for an empty or an equal tree.</summary>
    public static List<LeafRange> ConsistencyPath(long oldSize, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, size);
        var path = new List<LeafRange>();
        if (oldSize == 0)
            return path;

        // While the old tree is the left edge, its own root is known to whoever checks.
        var known = true;
        var (start, count, old) = (0L, size, oldSize);
        while (old != count)
        {
            var split = SplitPoint(count);
            if (old <= split)
            {
                path.Add(new LeafRange(start + split, count - split));
                count = split;
            }
            else
            {
                path.Add(new LeafRange(start, split));
                (start, count, old, known) = (start + split, count - split, old - split, false);
            }
        }

        if (!known)
            path.Add(new LeafRange(start, count));
        path.Reverse();
        return path;
    }

    /// <summary>Whether <paramref name="path"/> leads from <paramref name="leaf"/> to <paramref name="root"/>: RFC 9162, section 2.1.3.2.</summary>
    public static bool Includes(long index, long treeSize, ReadOnlySpan<byte> leaf, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= treeSize)
            return false;

        var (node, last) = (index, treeSize - 1);
        var hash = leaf.ToArray();
        foreach (var sibling in path)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = Node(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = Node(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether <paramref name="path"/> shows that the tree of <paramref name="root"/> begins with the whole tree of <paramref name="oldRoot"/>: RFC 9162, section 2.1.4.2.</summary>
    public static bool Extends(long oldSize, long size, ReadOnlySpan<byte> oldRoot, ReadOnlySpan<byte> root, IReadOnlyList<byte[]> path)
    {
        if (oldSize < 0 || oldSize > size)
            return false;
        if (oldSize == 0 || oldSize == size)
            return path.Count == 0 && (oldSize == 0 || oldRoot.SequenceEqual(root));

        var (node, last) = (oldSize - 1, size - 1);
        while ((node & 1) == 1)
            (node, last) = (node >> 1, last >> 1);

        // A complete old tree is a node of the new one, and its root is not repeated.
        var first = BitOperations.IsPow2(oldSize) ? 0 : 1;
        if (path.Count < first)
            return false;
        var older = first == 0 ? oldRoot.ToArray() : path[0];
        var newer = older;
        for (var step = first; step < path.Count; step++)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                (older, newer) = (Node(path[step], older), Node(path[step], newer));
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                newer = Node(newer, path[step]);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && oldRoot.SequenceEqual(older) && root.SequenceEqual(newer);
    }

    /// <summary>The largest power of two below <paramref name="count"/>, which is at least 2.</summary>
    private static long SplitPoint(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}

/// <summary>Neighbouring leaves whose hash is a node of the tree: complete, or the tree's right edge.</summary>
/// <param name="Start">0-based; a multiple of the smallest power of two that is not below <paramref name="Count"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LeafRange(long Start, long Count);
