using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class MerkleTreeTests
{
    private const int Largest = 70;

    [Fact]
    public void The_vectors_leaves_and_roots_come_out_at_every_size()
    {
        var leaves = new List<byte[]>();
        foreach (var row in AuditChainVectors.Rows)
        {
            leaves.Add(MerkleTree.Leaf(row.EntryHash, row.Body));
            Assert.Equal(row.LeafHash, leaves[^1]);
            Assert.Equal(row.RootAtThisSize, MerkleTree.Root([.. leaves]));
        }

        Assert.Equal(AuditChainVectors.MerkleRoot, MerkleTree.Root([.. leaves]));
    }

    [Fact]
    public void The_vectors_inclusion_proofs_are_made_and_accepted()
    {
        byte[][] leaves = [.. AuditChainVectors.Rows.Select(static row => row.LeafHash)];
        Assert.Equal(leaves.Length, AuditChainVectors.Proofs.Count);
        foreach (var (sequence, size, path) in AuditChainVectors.Proofs)
        {
            Assert.Equal(path, MerkleTree.InclusionPath(sequence - 1, leaves.AsSpan(0, size)));
            Assert.True(MerkleTree.Includes(sequence - 1, size, leaves[sequence - 1], path, AuditChainVectors.MerkleRoot));
        }
    }

    [Fact]
    public void The_root_of_nothing_is_the_hash_of_nothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Convert.ToHexStringLower(MerkleTree.Root([])));

    [Fact]
    public void Every_leaf_of_every_size_is_proved_and_nothing_else_is()
    {
        byte[][] all = [.. Enumerable.Range(0, Largest).Select(static i => SHA256.HashData([(byte)i]))];
        for (var size = 1; size <= Largest; size++)
        {
            var leaves = all.AsSpan(0, size);
            var root = RootByAppending(leaves);
            Assert.Equal(root, MerkleTree.Root(leaves));
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.InclusionPath(index, leaves);
                Assert.True(MerkleTree.Includes(index, size, all[index], path, root));

                Assert.False(MerkleTree.Includes(index, size, all[(index + 1) % Largest], path, root));
                Assert.False(MerkleTree.Includes(index, size, all[index], [.. path, all[0]], root));
                Assert.False(MerkleTree.Includes(index, size, all[index], path, all[0]) && size > 1);
                Assert.False(MerkleTree.Includes(size, size, all[index], path, root));
                Assert.False(MerkleTree.Includes(-1, size, all[index], path, root));
                if (path.Count > 0)
                {
                    Assert.False(MerkleTree.Includes(index, size, all[index], path[1..], root));
                    Assert.False(MerkleTree.Includes(index, size, all[index], path[..^1], root));
                    Assert.False(MerkleTree.Includes((index + 1) % size, size, all[index], path, root));
                }
            }
        }
    }

    [Fact]
    public void A_leaf_is_never_taken_for_a_node()
    {
        var (left, right) = (SHA256.HashData([1]), SHA256.HashData([2]));
        Assert.NotEqual(MerkleTree.Node(left, right), MerkleTree.Leaf(left, right));
        Assert.Equal(SHA256.HashData([0, .. left, .. right]), MerkleTree.Leaf(left, right));
        Assert.Equal(SHA256.HashData([1, .. left, .. right]), MerkleTree.Node(left, right));
    }

    /// <summary>Another way to the root than the recursion of RFC 9162: a stack of whole subtrees, as a log that only appends would keep it.</summary>
    private static byte[] RootByAppending(ReadOnlySpan<byte[]> leaves)
    {
        var whole = new Stack<(int Size, byte[] Hash)>();
        foreach (var leaf in leaves)
        {
            (int Size, byte[] Hash) top = (1, leaf);
            while (whole.TryPeek(out var left) && left.Size == top.Size)
                top = (2 * whole.Pop().Size, SHA256.HashData([1, .. left.Hash, .. top.Hash]));
            whole.Push(top);
        }

        var root = whole.Pop().Hash;
        while (whole.TryPop(out var left))
            root = SHA256.HashData([1, .. left.Hash, .. root]);
        return root;
    }
}
