using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class MerkleTreeTests
{
    private const int Largest = 70;
    private static readonly byte[][] All = [.. Enumerable.Range(0, Largest).Select(static i => SHA256.HashData([(byte)i]))];

    [Fact]
    public void The_vectors_leaves_and_roots_come_out_at_every_size()
    {
        var tree = new MerkleFrontier();
        foreach (var row in AuditChainVectors.Rows)
        {
            var leaf = MerkleTree.Leaf(row.EntryHash, row.Body);
            Assert.Equal(row.LeafHash, leaf);
            tree.Append(leaf);
            Assert.Equal(row.RootAtThisSize, tree.Root());
        }

        Assert.Equal(AuditChainVectors.MerkleRoot, tree.Root());
    }

    [Fact]
    public void The_vectors_inclusion_proofs_are_made_and_accepted()
    {
        byte[][] leaves = [.. AuditChainVectors.Rows.Select(static row => row.LeafHash)];
        Assert.Equal(leaves.Length, AuditChainVectors.Proofs.Count);
        foreach (var (sequence, size, path) in AuditChainVectors.Proofs)
        {
            Assert.Equal(path, Hashes(MerkleTree.InclusionPath(sequence - 1, size), leaves));
            Assert.True(MerkleTree.Includes(sequence - 1, size, leaves[sequence - 1], path, AuditChainVectors.MerkleRoot));
        }
    }

    [Fact]
    public void The_root_of_nothing_is_the_hash_of_nothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Convert.ToHexStringLower(new MerkleFrontier().Root()));

    [Fact]
    public void Every_leaf_of_every_size_is_proved_and_nothing_else_is()
    {
        for (var size = 1; size <= Largest; size++)
        {
            var leaves = All.AsSpan(0, size);
            var root = RootByAppending(leaves);
            Assert.Equal(ReferenceTree.Root(leaves), root);
            for (var index = 0; index < size; index++)
            {
                var path = Hashes(MerkleTree.InclusionPath(index, size), All);
                Assert.Equal(ReferenceTree.InclusionPath(index, leaves), path);
                Assert.True(MerkleTree.Includes(index, size, All[index], path, root));

                Assert.False(MerkleTree.Includes(index, size, All[(index + 1) % Largest], path, root));
                Assert.False(MerkleTree.Includes(index, size, All[index], [.. path, All[0]], root));
                Assert.False(MerkleTree.Includes(index, size, All[index], path, All[0]) && size > 1);
                Assert.False(MerkleTree.Includes(size, size, All[index], path, root));
                Assert.False(MerkleTree.Includes(-1, size, All[index], path, root));
                if (path.Count > 0)
                {
                    Assert.False(MerkleTree.Includes(index, size, All[index], path[1..], root));
                    Assert.False(MerkleTree.Includes(index, size, All[index], path[..^1], root));
                    Assert.False(MerkleTree.Includes((index + 1) % size, size, All[index], path, root));
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

    [Fact]
    public void Every_size_extends_every_smaller_one_and_no_other()
    {
        for (var size = 1; size <= Largest; size++)
        {
            var root = ReferenceTree.Root(All.AsSpan(0, size));
            Assert.True(MerkleTree.Extends(0, size, [], root, []));
            for (var old = 1; old <= size; old++)
            {
                var oldRoot = ReferenceTree.Root(All.AsSpan(0, old));
                var path = Hashes(MerkleTree.ConsistencyPath(old, size), All);
                Assert.Equal(ReferenceTree.ConsistencyPath(old, All.AsSpan(0, size)), path);
                Assert.True(MerkleTree.Extends(old, size, oldRoot, root, path));

                Assert.False(MerkleTree.Extends(old, size, All[^1], root, path));
                Assert.False(MerkleTree.Extends(old, size, oldRoot, All[^1], path));
                Assert.False(MerkleTree.Extends(old, size, oldRoot, root, [.. path, All[0]]));
                Assert.False(MerkleTree.Extends(size + 1, size, oldRoot, root, path));
                Assert.False(MerkleTree.Extends(-1, size, oldRoot, root, path));
                if (path.Count > 0)
                {
                    Assert.False(MerkleTree.Extends(old, size, oldRoot, root, path[1..]));
                    Assert.False(MerkleTree.Extends(old, size, oldRoot, root, path[..^1]));
                    Assert.False(MerkleTree.Extends(old, size, oldRoot, root, []));
                }
            }
        }
    }

    [Fact]
    public void A_tree_of_parts_is_the_tree_of_its_leaves_and_tells_of_each_node_once()
    {
        for (var size = 0; size <= Largest; size++)
        {
            var nodes = new Dictionary<(int Level, long Index), byte[]>();
            var whole = new MerkleFrontier();
            foreach (var leaf in All.AsSpan(0, size))
                whole.Append(leaf, (level, index, hash) => nodes.Add((level, index), hash.ToArray()));
            Assert.All(nodes, node => Assert.Equal(
                ReferenceTree.Root(All.AsSpan((int)(node.Key.Index << node.Key.Level), 1 << node.Key.Level)), node.Value));
            Assert.Equal(Enumerable.Range(0, 8).Sum(level => size >> level), nodes.Count);

            // In segments of sixteen, the last of them shorter: as a log is verified side by side.
            var parts = new MerkleFrontier();
            for (var start = 0; start < size; start += 16)
            {
                var part = new MerkleFrontier();
                for (var index = start; index < Math.Min(start + 16, size); index++)
                {
                    part.Append(All[index]);
                    Assert.Equal(ReferenceTree.Root(All.AsSpan(0, index + 1)), parts.RootWith(part.Root()));
                }

                parts.Append(part);
            }

            Assert.Equal((whole.Size, Convert.ToHexString(whole.Root())), (parts.Size, Convert.ToHexString(parts.Root())));
        }
    }

    [Fact]
    public void A_subtree_that_cannot_stand_where_the_tree_ends_is_refused()
    {
        var tree = new MerkleFrontier();
        tree.Append(All[0]);
        Assert.Throws<InvalidOperationException>(() => tree.Append(3, All[1]));
    }

    private static List<byte[]> Hashes(List<LeafRange> ranges, byte[][] leaves) =>
        ranges.ConvertAll(range => ReferenceTree.Root(leaves.AsSpan((int)range.Start, (int)range.Count)));

    private static byte[] RootByAppending(ReadOnlySpan<byte[]> leaves)
    {
        var tree = new MerkleFrontier();
        foreach (var leaf in leaves)
            tree.Append(leaf);
        return tree.Root();
    }
}
