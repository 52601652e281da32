using System.Numerics;
using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

/// <summary>RFC 9162, section 2.1, as its recursive definitions read, over all leaves: what the product's ways, which never hold them all, are held against.</summary>
internal static class ReferenceTree
{
    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return leaves[0];
        var split = SplitPoint(leaves.Length);
        return MerkleTree.Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    /// <summary>PATH(m, D_n): section 2.1.3.1.</summary>
    public static List<byte[]> InclusionPath(int index, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return [];
        var split = SplitPoint(leaves.Length);
        return index < split
            ? [.. InclusionPath(index, leaves[..split]), Root(leaves[split..])]
            : [.. InclusionPath(index - split, leaves[split..]), Root(leaves[..split])];
    }

    /// <summary>PROOF(m, D_n) for 0 &lt; m &lt; n: section 2.1.4.1.</summary>
    public static List<byte[]> ConsistencyPath(int size, ReadOnlySpan<byte[]> leaves, bool known = true)
    {
        if (size == leaves.Length)
            return known ? [] : [Root(leaves)];
        var split = SplitPoint(leaves.Length);
        return size <= split
            ? [.. ConsistencyPath(size, leaves[..split], known), Root(leaves[split..])]
            : [.. ConsistencyPath(size - split, leaves[split..], known: false), Root(leaves[..split])];
    }

    private static int SplitPoint(int count) => 1 << BitOperations.Log2((uint)(count - 1));
}
