using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Audit;

/// <summary>What servers do by themselves, each interval.</summary>
public sealed class CheckpointRoundTests
{
    [Fact]
    public async Task Two_servers_with_one_directory_sign_each_change_once_and_list_the_organizations()
    {
        using var folder = new CheckpointFolder();
        await using var first = await LexCustisServer.StartAsync(folder.Settings("1s"));
        await using var second = await LexCustisServer.StartAsync(folder.Settings("1s"), first.Database);
        var admin = await Api.RegisterAsync(first);
        var other = await Api.RegisterAsync(second);
        await WaitForAsync(folder, admin, 1);
        await WaitForAsync(folder, other, 1);

        await admin.ChatAsync("How long must providers keep logs?");
        await WaitForAsync(folder, admin, 2);

        var anchors = new AnchorDirectory(folder.Anchors);
        Assert.Equal(["1", "2"], anchors.Read(admin.OrganizationId).Select(static note => note.Text.Split('\n')[1]));
        Assert.Equal(["1"], anchors.Read(other.OrganizationId).Select(static note => note.Text.Split('\n')[1]));
        var (trees, list) = anchors.ReadOrganizations(folder.Keys);
        Assert.Equal(NoteStanding.Signed, folder.Keys.Judge(list!));
        Assert.Equal(((Guid[])[admin.OrganizationId, other.OrganizationId]).Select(static id => id.ToString()).Order(StringComparer.Ordinal), trees.Keys);
        // The list is a line that names it, and then what it lists, sorted.
        Assert.Equal($"{CheckpointFolder.Origin}/organizations\n" + string.Concat(trees.Select(static tree =>
            string.Create(CultureInfo.InvariantCulture, $"{tree.Key} {tree.Value.Size} {Convert.ToBase64String(tree.Value.Root)}\n"))), list!.Text);
        foreach (var server in new[] { first, second })
        {
            var ready = await new Api(server.Http, null).GetAsync("/readyz");
            Assert.Equal("ready", ready.Json.GetProperty("dependencies").GetProperty("checkpoints").Text("status"));
            Assert.DoesNotContain("CheckpointService", server.Process.Log, StringComparison.Ordinal);
        }

        await VerifyProof.AssertHoldsAsync("notes", [("", await File.ReadAllTextAsync(folder.FileOf(admin.OrganizationId))), ("--key", folder.Keys.PublicPem)]);
        await admin.AssertLogIsCleanAsync();
        await other.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_directory_that_goes_away_is_said_and_comes_back_without_a_gap()
    {
        using var folder = new CheckpointFolder();
        await using var server = await LexCustisServer.StartAsync(folder.Settings("1s"));
        var admin = await Api.RegisterAsync(server);
        await WaitForAsync(folder, admin, 1);
        Directory.Move(folder.Anchors, folder.Anchors + ".away");

        await admin.ChatAsync("How long must providers keep logs?");
        await server.WaitForLogAsync("A round of checkpoints failed");
        Assert.Equal("degraded", (await new Api(server.Http, null).GetAsync("/readyz")).Json.GetProperty("dependencies").GetProperty("checkpoints").Text("status"));
        Directory.Move(folder.Anchors + ".away", folder.Anchors);

        await WaitForAsync(folder, admin, 2);
        await server.WaitForLogAsync("Rounds of checkpoints succeed again");
        await admin.AssertLogIsCleanAsync();
    }

    /// <summary>Until the list of organizations, the last thing of a round, has it.</summary>
    private static Task WaitForAsync(CheckpointFolder folder, Api admin, long size) => Waiting.ForAsync(
        () => Task.FromResult(new AnchorDirectory(folder.Anchors).ReadOrganizations(folder.Keys).Trees.TryGetValue(admin.OrganizationId.ToString(), out var tree) && tree.Size == size ? "" : null),
        $"a checkpoint of {size}");
}
