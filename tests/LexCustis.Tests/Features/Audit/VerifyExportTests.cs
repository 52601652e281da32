using System.Diagnostics;
using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;
using LexCustis.Tests.Infrastructure.Audit;

namespace LexCustis.Tests.Features.Audit;

/// <summary>An export in the hands of <c>scripts/verify-export.py</c>, which shares nothing with the product but the format's description.</summary>
public sealed class VerifyExportTests(SharedServer shared)
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "verify-export.py");

    [Fact]
    public async Task An_export_of_the_running_server_is_clean_with_the_keys_and_without()
    {
        var export = await ExportAsync();
        foreach (var keys in new[] { LexCustisServer.MasterKeys, "" })
        {
            var (exit, output) = await RunAsync(Encoding.UTF8.GetBytes(export), keys);
            Assert.True(exit == 0, output);
            Assert.Contains("entries      6\n", output, StringComparison.Ordinal);
            Assert.Contains(keys.Length > 0 ? "6 verified" : "not checked", output, StringComparison.Ordinal);
            Assert.Contains($"Merkle root  {RootOf(export)}\n", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Any_changed_byte_is_refused()
    {
        var export = Encoding.UTF8.GetBytes(await ExportAsync());
        var random = new Random(20260802);
        await Parallel.ForAsync(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (round, _) =>
        {
            // One change in each tenth of the file.
            byte[] changed = [.. export];
            int place;
            lock (random)
            {
                place = (round * export.Length / 10) + random.Next(export.Length / 10);
                changed[place] ^= (byte)(1 << random.Next(7));
            }

            var (exit, output) = await RunAsync(changed, LexCustisServer.MasterKeys);
            Assert.True(exit == 1, $"byte {place} from {(char)export[place]} to {(char)changed[place]}: {output}");
        });
    }

    [Theory]
    [InlineData("delete", "sequence_gap")]
    [InlineData("swap", "broken_link")]
    [InlineData("duplicate", "sequence_gap")]
    [InlineData("cut", "not complete")]
    public async Task A_changed_order_is_named_without_any_key(string attack, string expected)
    {
        var lines = (await ExportAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line + "\n").ToList();
        switch (attack)
        {
            case "delete": lines.RemoveAt(2); break;
            case "swap": (lines[1], lines[3]) = (lines[3], lines[1]); break;
            case "duplicate": lines.Insert(2, lines[2]); break;
            default: lines[^1] = lines[^1].TrimEnd('\n'); break;
        }

        var (exit, output) = await RunAsync(Encoding.UTF8.GetBytes(string.Concat(lines)), "");
        Assert.Equal(1, exit);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outsider_sees_a_changed_body_by_the_root()
    {
        var export = await ExportAsync();
        var changed = export.Replace("\\\"number\\\":1", "\\\"number\\\":9", StringComparison.Ordinal);
        Assert.NotEqual(export, changed);

        var (exit, output) = await RunAsync(Encoding.UTF8.GetBytes(changed), "");
        Assert.Equal(0, exit);
        Assert.DoesNotContain(RootOf(export), output, StringComparison.Ordinal);
        Assert.Contains("hash_mismatch", (await RunAsync(Encoding.UTF8.GetBytes(changed), LexCustisServer.MasterKeys)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_master_key_verifies_nothing()
    {
        var export = Encoding.UTF8.GetBytes(await ExportAsync());
        Assert.Equal(1, (await RunAsync(export, "k1:" + Convert.ToBase64String(new byte[32]))).ExitCode);
        Assert.Contains("unknown_key k1", (await RunAsync(export, "k2:" + Convert.ToBase64String(new byte[32]))).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(export, "k1:short")).ExitCode);
    }

    [Fact]
    public async Task The_formats_own_vectors_are_clean()
    {
        var lines = AuditChainVectors.Rows.Select(static row =>
            $$"""{"sequence":{{row.Sequence}},"body":{{Api.Quote(Encoding.UTF8.GetString(row.Body))}},"previous_hash":"{{Convert.ToHexStringLower(row.PreviousHash)}}","entry_hash":"{{Convert.ToHexStringLower(row.EntryHash)}}"}""" + "\n");
        var (exit, output) = await RunAsync(Encoding.UTF8.GetBytes(string.Concat(lines)), LexCustisServer.MasterKeys);
        Assert.True(exit == 0, output);
        Assert.Contains(Convert.ToBase64String(AuditChainVectors.MerkleRoot), output, StringComparison.Ordinal);
    }

    /// <summary>Six entries of all sorts, with and without actor, subject and content.</summary>
    private async Task<string> ExportAsync()
    {
        var admin = await Api.RegisterAsync(shared.Server, "Société \\\"Essai\\\" 🧾");
        await admin.ChatAsync("How long must providers keep logs?");
        await using (var log = new OpenLog(shared.Server.Database.ApplicationUrl))
        {
            await log.Log.AppendAsync(log.Event(admin.OrganizationId, 1));
            await log.AppendErasureAsync(admin.OrganizationId, Guid.CreateVersion7());
            await log.AppendTurnAsync(admin.OrganizationId, Guid.CreateVersion7());
            await log.Log.AppendAsync(log.Event(admin.OrganizationId, 2) with { Actor = null });
        }

        return (await admin.GetAsync("/api/audit/export")).Text;
    }

    private static string RootOf(string export) => Convert.ToBase64String(ReferenceTree.Root([.. export.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
    {
        var row = System.Text.Json.JsonElement.Parse(line);
        return MerkleTree.Leaf(Convert.FromHexString(row.GetProperty("entry_hash").GetString()!), Encoding.UTF8.GetBytes(row.GetProperty("body").GetString()!));
    })]));

    private static async Task<(int ExitCode, string Output)> RunAsync(byte[] export, string keys)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var info = new ProcessStartInfo("python3", [Program, "-"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["LEXCUSTIS_MASTER_KEYS"] = keys;
        using var python = Process.Start(info)!;
        var (output, error) = (python.StandardOutput.ReadToEndAsync(patience.Token), python.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await python.StandardInput.BaseStream.WriteAsync(export, patience.Token);
            python.StandardInput.Close();
        }
        catch (IOException)
        {
            // It refused its keys before it read anything.
        }

        await python.WaitForExitAsync(patience.Token);
        Assert.DoesNotContain("Traceback", await error, StringComparison.Ordinal);
        return (python.ExitCode, await output);
    }
}
