using System.Numerics;
using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Audit;

/// <summary>The Merkle tree of RFC 9162, section 2.1, over the chain's entries: leaf i is sequence i + 1. Pure functions over hashes.</summary>
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

    /// <summary><c>SHA-256(0x01 || left || right)</c>.</summary>
    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashLength)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashLength)..]);
        return SHA256.HashData(input);
    }

    /// <summary>Root of the tree over <paramref name="leaves"/>; of no leaves it is the hash of nothing.</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return leaves[0];

        var split = SplitPoint(leaves.Length);
        return Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    /// <summary>Inclusion path of leaf <paramref name="index"/> (0-based), nearest sibling first: RFC 9162, section 2.1.3.1.</summary>
    public static List<byte[]> InclusionPath(int index, ReadOnlySpan<byte[]> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        var path = new List<byte[]>();
        Collect(index, leaves, path);
        return path;

        static void Collect(int index, ReadOnlySpan<byte[]> leaves, List<byte[]> path)
        {
            if (leaves.Length == 1)
                return;
            var split = SplitPoint(leaves.Length);
            if (index < split)
            {
                Collect(index, leaves[..split], path);
                path.Add(Root(leaves[split..]));
            }
            else
            {
                Collect(index - split, leaves[split..], path);
                path.Add(Root(leaves[..split]));
            }
        }
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

    /// <summary>The largest power of two below <paramref name="count"/>, which is at least 2.</summary>
    private static int SplitPoint(int count) => 1 << BitOperations.Log2((uint)(count - 1));
}
