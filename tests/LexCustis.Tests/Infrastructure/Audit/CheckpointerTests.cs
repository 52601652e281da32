using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class CheckpointerTests(SharedServer shared) : IDisposable
{
    private readonly Guid organization = Guid.CreateVersion7();
    private readonly CheckpointFolder folder = new();

    private TestDatabase Database => shared.Server.Database;

    private string AnchorFile => folder.FileOf(organization);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_log_without_entries_has_nothing_to_sign()
    {
        await using var log = Open();
        Assert.Equal(new CheckpointOutcome(null, null), await TakeAsync(log));
        Assert.False(File.Exists(AnchorFile));
    }

    [Fact]
    public async Task A_checkpoint_is_the_root_of_all_entries_and_a_log_that_did_not_grow_keeps_it()
    {
        await using var log = Open();
        foreach (var size in new[] { 1, 2, 63, 64, 65, 200 })
        {
            await GrowAsync(log, size);
            var taken = (await TakeAsync(log)).Latest!;
            Assert.Equal((size, Convert.ToHexString(await RootAsync(log))), (taken.Size, Convert.ToHexString(taken.Root)));
            Assert.Equal($"{CheckpointFolder.Origin}/{organization}\n{size}\n{Convert.ToBase64String(taken.Root)}\n", taken.Note.Text);
            Assert.Equal(NoteStanding.Signed, folder.Keys.Judge(taken.Note));
            Assert.Equal(taken.Note.ToString(), (await TakeAsync(log)).Latest!.Note.ToString());
        }

        Assert.Equal([1, 2, 63, 64, 65, 200], Sizes());
        // 3 + 1 complete subtrees of 64 and more in 200 entries: one row for each 32, at most.
        Assert.Equal(4, await Database.ScalarAsync<long>($"SELECT count(*) FROM audit_tree_nodes WHERE organization_id = '{organization}'"));
        await AssertCleanAsync(log, stored: 6, anchored: 6);
    }

    [Fact]
    public async Task Servers_that_take_checkpoints_at_once_sign_one_log()
    {
        await using var first = Open();
        await using var second = Open();
        for (var round = 1; round <= 8; round++)
        {
            var appending = Task.WhenAll(Enumerable.Range(0, 30).Select(number => first.Log.AppendAsync(first.Event(organization, number))));
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(server => TakeAsync(server % 2 == 0 ? first : second)));
            await appending;
            Assert.All(outcomes, static outcome => Assert.Null(outcome.Refusal));
        }

        await TakeAsync(second);
        var sizes = Sizes();
        Assert.Equal(240, sizes[^1]);
        Assert.Equal(sizes.Distinct().Order(), sizes);
        await AssertCleanAsync(first, sizes.Count, sizes.Count);
    }

    [Fact]
    public async Task What_a_crash_kept_out_of_the_file_is_appended_by_the_next_server()
    {
        // Two commits whose file was never written.
        await using (var crashed = Open(anchors: false))
        {
            await GrowAsync(crashed, 3);
            await TakeAsync(crashed);
            await GrowAsync(crashed, 5);
            await TakeAsync(crashed);
        }

        await using var next = Open();
        Assert.Null((await TakeAsync(next)).Refusal);
        Assert.Equal([3, 5], Sizes());

        // One that was torn in the middle of the write, at any byte.
        await GrowAsync(next, 70);
        var before = await File.ReadAllBytesAsync(AnchorFile);
        await TakeAsync(next);
        var after = await File.ReadAllBytesAsync(AnchorFile);
        for (var torn = before.Length + 1; torn < after.Length; torn += 29)
        {
            await File.WriteAllBytesAsync(AnchorFile, after[..torn]);
            Assert.Null((await TakeAsync(next)).Refusal);
            Assert.Equal(70, Sizes()[^1]);
            await AssertCleanAsync(next, stored: 3, anchored: 3);
        }
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_stops_no_checkpoint_and_the_file_catches_up()
    {
        await using var log = Open();
        await GrowAsync(log, 2);
        await TakeAsync(log);
        var file = await File.ReadAllBytesAsync(AnchorFile);
        await GrowAsync(log, 4);
        // Even the superuser cannot write to what is no file.
        File.Delete(AnchorFile);
        Directory.CreateDirectory(AnchorFile);

        var (latest, refusal) = await TakeAsync(log);
        Assert.Equal(("unreachable", 4L), (refusal?.Kind, latest?.Size));
        Directory.Delete(AnchorFile);
        await File.WriteAllBytesAsync(AnchorFile, file);
        Assert.Null((await TakeAsync(log)).Refusal);
        Assert.Equal([2, 4], Sizes());
    }

    [Fact]
    public async Task A_new_key_signs_on_and_the_old_public_key_verifies_what_was_signed_before()
    {
        await using (var log = Open())
        {
            await GrowAsync(log, 2);
            await TakeAsync(log);
        }

        var retired = folder.Keys.PublicPem;
        await File.WriteAllTextAsync(folder.KeyFile, CheckpointFolder.NewKey());
        await using (var log = Open())
        {
            await GrowAsync(log, 3);
            Assert.Equal("unknown_key", (await TakeAsync(log)).Refusal?.Kind);
            var report = await log.Verifier.VerifyAsync(organization, null, CancellationToken.None);
            Assert.True(report.Valid);
            Assert.Equal(2, report.Checkpoints.Unverified);
        }

        await File.AppendAllTextAsync(folder.KeyFile, retired);
        await using (var log = Open())
        {
            Assert.Null((await TakeAsync(log)).Refusal);
            Assert.Equal([2, 3], Sizes());
            Assert.Equal([NoteStanding.Signed, NoteStanding.Signed], new AnchorDirectory(folder.Anchors).Read(organization).Select(folder.Keys.Judge));
            Assert.Equal(2, folder.Keys.PublicPem.Split("BEGIN PUBLIC KEY").Length - 1);
            await AssertCleanAsync(log, 2, 2);
        }
    }

    [Fact]
    public async Task Lost_tree_nodes_are_made_anew_and_changed_ones_are_never_signed_over()
    {
        await using var log = Open();
        await GrowAsync(log, 130);
        await TakeAsync(log);
        await Database.ExecuteAsync($"DELETE FROM audit_tree_nodes WHERE organization_id = '{organization}'");
        await GrowAsync(log, 140);
        Assert.Null((await TakeAsync(log)).Refusal);
        Assert.Equal(3, await Database.ScalarAsync<long>($"SELECT count(*) FROM audit_tree_nodes WHERE organization_id = '{organization}'"));

        await Database.ExecuteAsync($"UPDATE audit_tree_nodes SET hash = sha256(hash) WHERE organization_id = '{organization}' AND level = 7");
        await GrowAsync(log, 150);
        Assert.Equal("forked", (await TakeAsync(log)).Refusal?.Kind);
        Assert.Equal([130, 140], Sizes());
    }

    [Theory]
    [InlineData("DELETE FROM audit_logs WHERE sequence > 4", "behind")]
    [InlineData("DELETE FROM audit_logs WHERE sequence > 4; DELETE FROM audit_checkpoints WHERE tree_size > 4", "behind")]
    [InlineData("DELETE FROM audit_logs WHERE true; DELETE FROM audit_checkpoints WHERE true", "behind")]
    [InlineData("UPDATE audit_logs SET body = body || ' ' WHERE sequence = 6", "forked")]
    [InlineData("DELETE FROM audit_logs WHERE sequence = 8", "forked")]
    [InlineData("UPDATE audit_checkpoints SET note = 'none' WHERE tree_size = 7", "forged")]
    [InlineData("UPDATE audit_checkpoints SET note = replace(note, E'\\n7\\n', E'\\n6\\n') WHERE tree_size = 7", "forged")]
    public async Task What_does_not_extend_what_was_signed_is_not_signed(string attack, string kind)
    {
        await using var log = Open();
        await GrowAsync(log, 4);
        await TakeAsync(log);
        await GrowAsync(log, 7);
        await TakeAsync(log);
        await GrowAsync(log, 9);
        foreach (var statement in attack.Split(';'))
            await Database.ExecuteAsync($"{statement} AND organization_id = '{organization}'");

        Assert.Equal(kind, (await TakeAsync(log)).Refusal?.Kind);
        Assert.Equal([4, 7], Sizes());
    }

    [Fact]
    public async Task A_database_that_lost_its_checkpoints_goes_on_from_the_anchor()
    {
        await using var log = Open();
        await GrowAsync(log, 70);
        await TakeAsync(log);
        await Database.ExecuteAsync($"DELETE FROM audit_checkpoints WHERE organization_id = '{organization}'");
        Assert.Null((await TakeAsync(log)).Refusal);
        await GrowAsync(log, 80);
        Assert.Null((await TakeAsync(log)).Refusal);
        Assert.Equal([70, 80], Sizes());
    }

    private OpenLog Open(bool anchors = true) => new(Database.ApplicationUrl, checkpoints: folder.Open(anchors));

    private Task<CheckpointOutcome> TakeAsync(OpenLog log) => log.Checkpointer.TakeAsync(organization, CancellationToken.None);

    private async Task GrowAsync(OpenLog log, int size)
    {
        var count = (await log.ReadAsync(organization)).Count;
        await Task.WhenAll(Enumerable.Range(count, size - count).Select(number => log.Log.AppendAsync(log.Event(organization, number))));
    }

    private async Task<byte[]> RootAsync(OpenLog log)
    {
        await using var transaction = await log.Database.BeginAsync(organization, CancellationToken.None);
        return ReferenceTree.Root([.. await transaction.ListAsync("SELECT entry_hash, body FROM audit_logs WHERE organization_id = $1 ORDER BY sequence", [organization],
            static row => MerkleTree.Leaf(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)), CancellationToken.None)]);
    }

    /// <summary>Of the trees in the anchor file, in its order.</summary>
    private List<long> Sizes() => [.. new AnchorDirectory(folder.Anchors).Read(organization)
        .Select(note => Checkpoint.TryRead(note.ToString(), organization, out var checkpoint) && folder.Keys.Judge(note) != NoteStanding.Torn ? checkpoint.Size : 0)
        .Where(static size => size > 0).Distinct()];

    private async Task AssertCleanAsync(OpenLog log, long stored, long anchored)
    {
        var report = await log.Verifier.VerifyAsync(organization, null, CancellationToken.None);
        Assert.Empty(report.Findings);
        Assert.Equal((stored, anchored), (report.Checkpoints.Stored, report.Checkpoints.Anchored));
    }
}
