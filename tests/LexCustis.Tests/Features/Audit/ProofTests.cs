using System.Net;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

/// <summary>Checkpoints and proofs as they are handed out, in the hands of <c>scripts/verify-proof.py</c> and of RFC 9162's algorithms.</summary>
public sealed class ProofTests(CheckpointServer checkpoints) : IClassFixture<CheckpointServer>
{
    private LexCustisServer Server => checkpoints.Server;

    [Fact]
    public async Task A_receipt_is_checked_with_nothing_but_its_proof_and_the_public_key()
    {
        var admin = await Api.RegisterAsync(Server);
        var member = await admin.AddUserAsync(Server, "member");
        var receipt = (await member.ChatAsync("How long must providers keep logs?")).Frame("audit");

        var proof = await member.GetAsync($"/api/audit/{receipt.Text("id")}/proof");
        var key = await member.GetAsync("/api/audit/public-key");

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (proof.Status, proof.MediaType));
        Assert.Equal((HttpStatusCode.OK, "application/x-pem-file"), (key.Status, key.MediaType));
        var sequence = receipt.GetProperty("sequence").GetInt64();
        Assert.StartsWith("c2sp.org/tlog-proof@v1\nextra ", proof.Text, StringComparison.Ordinal);
        Assert.Contains($"\nindex {sequence - 1}\n", proof.Text, StringComparison.Ordinal);
        Assert.Contains($"\n\n{CheckpointFolder.Origin}/{admin.OrganizationId}\n{sequence}\n", proof.Text, StringComparison.Ordinal);
        (string, string)[] texts = [("", proof.Text), ("--key", key.Text)];
        await VerifyProof.AssertHoldsAsync("inclusion", texts, "--receipt", $"{sequence}:{receipt.Text("entry_hash")}");
        Assert.Equal(1, (await VerifyProof.RunAsync("inclusion", texts, "--receipt", $"{sequence}:{new string('0', 64)}")).ExitCode);

        // The proof ends with the checkpoint, which was stored and anchored before it was handed out.
        var checkpoint = await admin.GetAsync("/api/audit/checkpoint");
        Assert.EndsWith("\n\n" + checkpoint.Text, proof.Text, StringComparison.Ordinal);
        Assert.Equal(checkpoint.Text + "\n", await File.ReadAllTextAsync(checkpoints.Folder.FileOf(admin.OrganizationId)));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Before_the_first_checkpoint_there_is_none()
    {
        var admin = await Api.RegisterAsync(Server);
        Assert.Contains("yet", (await admin.GetAsync("/api/audit/checkpoint")).Problem(404).Text("detail"), StringComparison.Ordinal);
        (await admin.GetAsync("/api/audit/consistency?from=0")).Problem(404);
    }

    [Fact]
    public async Task A_member_gets_proofs_of_their_own_entries_and_an_auditor_of_all_of_the_organization_s()
    {
        var admin = await Api.RegisterAsync(Server);
        var (member, colleague, auditor) = (await admin.AddUserAsync(Server, "member"), await admin.AddUserAsync(Server, "member"), await admin.AddUserAsync(Server, "auditor"));
        var stranger = await Api.RegisterAsync(Server);
        var own = (await member.ChatAsync("How long?")).Frame("audit").Text("id");
        string about;
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
            about = (await log.AppendErasureAsync(admin.OrganizationId, member.UserId)).Id.ToString();

        foreach (var (caller, id, allowed) in new[]
        {
            (member, own, true), (member, about, true), (auditor, own, true), (admin, own, true), (colleague, own, false), (colleague, about, false), (stranger, own, false), (member, Guid.CreateVersion7().ToString(), false),
        })
        {
            var answer = await caller.GetAsync($"/api/audit/{id}/proof");
            Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.Status);
        }
    }

    [Fact]
    public async Task Every_entry_is_proved_and_a_proof_with_a_changed_byte_is_refused()
    {
        var admin = await Api.RegisterAsync(Server);
        List<AuditReceipt> receipts;
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
            receipts = [.. await Task.WhenAll(Enumerable.Range(0, 200).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))))];
        var last = receipts.MaxBy(static receipt => receipt.Sequence)!;
        await admin.GetAsync($"/api/audit/{last.Id}/proof");
        foreach (var receipt in receipts)
        {
            var (leaf, index, path, checkpoint) = ReadProof((await admin.GetAsync($"/api/audit/{receipt.Id}/proof")).Text, admin.OrganizationId);
            Assert.Equal((receipt.Sequence - 1, 201L), (index, checkpoint.Size));
            Assert.Equal(receipt.EntryHash, leaf[..32]);
            Assert.True(MerkleTree.Includes(index, checkpoint.Size, MerkleTree.Leaf(leaf, []), path, checkpoint.Root));
        }

        var (proof, key) = ((await admin.GetAsync($"/api/audit/{last.Id}/proof")).Text, (await admin.GetAsync("/api/audit/public-key")).Text);
        await VerifyProof.AssertHoldsAsync("inclusion", [("", proof), ("--key", key)]);
        var random = new Random(20261122);
        var places = Enumerable.Range(0, 10).Select(tenth => (tenth * proof.Length / 10) + random.Next(proof.Length / 10)).ToList();
        await Parallel.ForEachAsync(places, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (place, _) =>
        {
            var changed = $"{proof[..place]}{(char)(proof[place] ^ 1)}{proof[(place + 1)..]}";
            var (exit, output) = await VerifyProof.RunAsync("inclusion", [("", changed), ("--key", key)]);
            Assert.True(exit == 1, $"byte {place} from {proof[place]} to {changed[place]}: {output}");
        });
    }

    [Fact]
    public async Task A_witness_follows_a_growing_log_from_any_checkpoint_to_any_later_one()
    {
        var admin = await Api.RegisterAsync(Server);
        var seen = new List<Checkpoint>();
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
        {
            foreach (var growth in new[] { 0, 1, 1, 4, 56, 1, 1, 63, 64, 2, 190, 130 })
            {
                await Task.WhenAll(Enumerable.Range(0, growth).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))));
                var newest = (await admin.GetAsync("/api/audit?limit=1")).Json.GetProperty("items")[0].Text("id");
                await admin.GetAsync($"/api/audit/{newest}/proof");
                seen.Add(Read((await admin.GetAsync("/api/audit/checkpoint")).Text, admin.OrganizationId));
            }
        }

        Assert.Equal([1, 2, 3, 7, 63, 64, 65, 128, 192, 194, 384, 514], seen.Select(static checkpoint => (int)checkpoint.Size));
        foreach (var newer in seen)
        {
            foreach (var older in seen.Where(older => older.Size <= newer.Size))
            {
                var (size, path, checkpoint) = ReadConsistency((await admin.GetAsync($"/api/audit/consistency?from={older.Size}&to={newer.Size}")).Text, admin.OrganizationId);
                Assert.Equal((older.Size, newer.Note.ToString()), (size, checkpoint.Note.ToString()));
                Assert.True(MerkleTree.Extends(older.Size, newer.Size, older.Root, newer.Root, path), $"from {older.Size} to {newer.Size}");
                Assert.False(MerkleTree.Extends(older.Size, newer.Size, new byte[32], newer.Root, path));
            }
        }

        var key = (await admin.GetAsync("/api/audit/public-key")).Text;
        foreach (var (from, to) in new[] { (2, 3), (3, 3), (7, 10), (4, 11) })
        {
            var proof = (await admin.GetAsync($"/api/audit/consistency?from={seen[from].Size}&to={seen[to].Size}")).Text;
            await VerifyProof.AssertHoldsAsync("consistency", [("", proof), ("--key", key), ("--old", seen[from].Note.ToString())]);
            Assert.Equal(1, (await VerifyProof.RunAsync("consistency", [("", proof), ("--key", key), ("--old", seen[0].Note.ToString())])).ExitCode);
        }

        // Left out, `to` is the latest; from nothing, there is nothing to prove.
        Assert.Equal($"old 0\n\n{seen[^1].Note}", (await admin.GetAsync("/api/audit/consistency?from=0")).Text);
        await VerifyProof.AssertHoldsAsync("notes", [("", await File.ReadAllTextAsync(checkpoints.Folder.FileOf(admin.OrganizationId))), ("--key", key)]);
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("", "from")]
    [InlineData("from=", "from")]
    [InlineData("from=-1", "from")]
    [InlineData("from=1.5", "from")]
    [InlineData("from=99999999999999999999", "from")]
    [InlineData("from=+1&to=x", "from,to")]
    [InlineData("from=2", "from")]
    public async Task A_size_that_is_none_is_named(string query, string fields)
    {
        var admin = await Api.RegisterAsync(Server);
        await admin.GetAsync($"/api/audit/{(await admin.ReadLogAsync())[0].Text("id")}/proof");
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/audit/consistency?{query}")).WrongFields());
        Assert.Contains("latest has 1", (await admin.GetAsync("/api/audit/consistency?from=0&to=7")).Problem(404).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_was_changed_after_it_was_signed_gets_no_proof()
    {
        var admin = await Api.RegisterAsync(Server);
        var id = (await admin.ReadLogAsync())[0].Text("id");
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/api/audit/{id}/proof")).Status);
        await Server.Database.ExecuteAsync($"UPDATE audit_logs SET body = body || ' ' WHERE id = '{id}'");
        Assert.Equal("The proof does not hold", (await admin.GetAsync($"/api/audit/{id}/proof")).Problem(500).Text("title"));
        (await admin.GetAsync("/api/audit/consistency?from=1")).Problem(500);
    }

    private static Checkpoint Read(string note, Guid organization) =>
        Checkpoint.TryRead(note, organization, out var checkpoint) ? checkpoint : throw new InvalidDataException(note);

    private static (byte[] Leaf, long Index, List<byte[]> Path, Checkpoint Checkpoint) ReadProof(string proof, Guid organization)
    {
        var blank = proof.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = proof[..blank].Split('\n');
        return (Convert.FromBase64String(lines[1]["extra ".Length..]), long.Parse(lines[2]["index ".Length..]), [.. lines[3..].Select(Convert.FromBase64String)], Read(proof[(blank + 2)..], organization));
    }

    private static (long Size, List<byte[]> Path, Checkpoint Checkpoint) ReadConsistency(string proof, Guid organization)
    {
        var blank = proof.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = proof[..blank].Split('\n');
        return (long.Parse(lines[0]["old ".Length..]), [.. lines[1..].Select(Convert.FromBase64String)], Read(proof[(blank + 2)..], organization));
    }
}
