using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

/// <summary>The vectors of the chain's format, made by an independent implementation.</summary>
internal sealed class AuditChainVectors
{
    private static readonly JsonElement Root = Read();

    public static Guid Organization { get; } = Root.GetProperty("organization_id").GetGuid();

    public static string Kid { get; } = Root.GetProperty("kid").GetString()!;

    public static byte[] OrganizationKey { get; } = Hex(Root, "organization_key_hex");

    public static byte[] SubjectWrapKey { get; } = Hex(Root, "subject_wrap_key_hex");

    public static byte[] MerkleRoot { get; } = Hex(Root, "root");

    public static MasterKeys Keys { get; } = TestChain.Keys($"{Kid}:{Convert.ToBase64String(Hex(Root, "master_key_hex"))}");

    public static IReadOnlyList<Row> Rows { get; } = [.. Root.GetProperty("rows").EnumerateArray().Select(static row => new Row(
        row.GetProperty("sequence").GetInt64(), Encoding.UTF8.GetBytes(row.GetProperty("body").GetString()!),
        Hex(row, "previous_hash"), Hex(row, "entry_hash"), Hex(row, "leaf_hash"), Hex(row, "root_at_this_size")))];

    public static IReadOnlyList<(int Sequence, int TreeSize, byte[][] Path)> Proofs { get; } = [.. Root.GetProperty("inclusion_proofs").EnumerateArray().Select(static proof => (
        proof.GetProperty("sequence").GetInt32(), proof.GetProperty("tree_size").GetInt32(),
        proof.GetProperty("path").EnumerateArray().Select(static node => Convert.FromHexString(node.GetString()!)).ToArray()))];

    private static byte[] Hex(JsonElement parent, string name) => Convert.FromHexString(parent.GetProperty(name).GetString()!);

    private static JsonElement Read()
    {
        using var stream = typeof(AuditChainVectors).Assembly.GetManifestResourceStream("audit-chain-vectors.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    internal sealed record Row(long Sequence, byte[] Body, byte[] PreviousHash, byte[] EntryHash, byte[] LeafHash, byte[] RootAtThisSize);
}
