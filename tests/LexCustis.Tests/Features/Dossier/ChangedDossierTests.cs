using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using LexCustis.Features.Dossier;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Dossier;

/// <summary>A dossier in the hands of someone who changes it: each change is named by verify.py and by verify-dossier.</summary>
public sealed class ChangedDossierTests(ChangedDossierTests.OneDossier one) : IClassFixture<ChangedDossierTests.OneDossier>
{
    /// <summary>Ten bytes in ten different places, and what both checkers must name.</summary>
    [Theory]
    [InlineData("content", "README.html", "README.html: ")]
    [InlineData("content", "annex-iv/08.md", "annex-iv/08.md: ")]
    [InlineData("content", "audit/entries.jsonl", "audit/entries.jsonl: ")]
    [InlineData("content", "audit/checkpoint.txt", "audit/checkpoint.txt: ")]
    [InlineData("content", "audit/proofs/range.json", "audit/proofs/range.json: ")]
    [InlineData("content", "manifest.json", "manifest.json: ")]
    [InlineData("content", "manifest.sig", "manifest.sig: ")]
    [InlineData("header date", "configuration.json", "archive: ")]
    [InlineData("directory name", "oversight.jsonl", "versight.jsonl: ")]
    [InlineData("seal", "", "archive: ")]
    public async Task A_changed_byte_is_named(string place, string name, string expected)
    {
        byte[] changed = [.. one.Bytes];
        changed[PlaceOf(place, name)] ^= 1;

        var verdict = await DossierServer.VerifyAsync(changed, one.PublicKeyFile, program: one.Bytes);

        Assert.True(verdict is (1, 1, _, _), verdict.NativeOutput + verdict.PythonOutput);
        Assert.Contains(expected, verdict.NativeOutput, StringComparison.Ordinal);
        Assert.Contains(expected, verdict.PythonOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void No_byte_can_be_changed_unnoticed()
    {
        var length = one.Bytes.Length;
        Assert.Empty(Check(one.Bytes));
        Parallel.For(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 2 }, round =>
        {
            byte[] changed = [.. one.Bytes];
            // Spread over the whole, and the directory and the end closely.
            var place = round < 200 ? (int)((long)round * length / 200) : length - 1 - ((round - 200) * 11);
            changed[place] ^= (byte)(1 << (round % 8));
            Assert.True(Check(changed).Count > 0, $"byte {place}");
        });
    }

    [Fact]
    public void Cut_off_or_longer_it_is_refused()
    {
        foreach (var length in (int[])[0, 1, 30, 71, 1000, one.Bytes.Length / 2, one.Bytes.Length - 72, one.Bytes.Length - 1])
            Assert.NotEmpty(Check(one.Bytes[..length]));
        Assert.NotEmpty(Check([.. one.Bytes, 0]));
        Assert.NotEmpty(Check([0, .. one.Bytes]));
        Assert.NotEmpty(Check([.. one.Bytes, .. one.Bytes]));
    }

    /// <summary>Someone who packs it anew, with a fitting seal: what is signed does not fit then.</summary>
    [Theory]
    [InlineData("change an entry", "audit/entries.jsonl: its SHA-256 is not the manifest's", "audit/entries.jsonl: its entries do not lead to the signed root")]
    [InlineData("leave an entry out", "audit/entries.jsonl: its size is not the manifest's", "sequence_gap: 3 was to follow")]
    [InlineData("leave the last entry out", "audit/entries.jsonl: its size is not the manifest's", "it ends before sequence")]
    [InlineData("leave a file out", "incidents.jsonl: it is in the manifest and not in the archive", "NOT CLEAN")]
    [InlineData("add a file", "annex-iv/10.md: it is in the archive and not in the manifest", "NOT CLEAN")]
    [InlineData("change a file and the manifest", "manifest.sig: it is not a signature of manifest.json", "NOT CLEAN")]
    [InlineData("another entry's proof", "audit/proofs/1.tlog-proof: it is not a proof of this entry", "NOT CLEAN")]
    public async Task A_dossier_packed_anew_is_refused(string attack, string expected, string also)
    {
        var files = DossierServer.Unpack(one.Bytes).ToDictionary(static file => file.Key, static file => Encoding.UTF8.GetBytes(file.Value), StringComparer.Ordinal);
        files["manifest.sig"] = ReadBytes(one.Bytes, "manifest.sig");
        var entries = Encoding.UTF8.GetString(files["audit/entries.jsonl"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line + "\n").ToList();
        switch (attack)
        {
            case "change an entry":
                entries[2] = entries[2].Replace("completed", "complEted", StringComparison.Ordinal);
                break;
            case "leave an entry out":
                entries.RemoveAt(2);
                break;
            case "leave the last entry out":
                entries.RemoveAt(entries.Count - 1);
                break;
            case "leave a file out":
                files.Remove("incidents.jsonl");
                break;
            case "add a file":
                files.Add("annex-iv/10.md", "# All is well\n"u8.ToArray());
                break;
            case "change a file and the manifest":
                var before = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files["annex-iv/08.md"]));
                files["annex-iv/08.md"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files["annex-iv/08.md"]).Replace("missing", "Missing", StringComparison.Ordinal));
                var after = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files["annex-iv/08.md"]));
                files["manifest.json"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files["manifest.json"]).Replace(before, after, StringComparison.Ordinal));
                break;
            default:
                files["audit/proofs/1.tlog-proof"] = files.Last(static file => file.Key.EndsWith(".tlog-proof", StringComparison.Ordinal)).Value;
                break;
        }

        files["audit/entries.jsonl"] = Encoding.UTF8.GetBytes(string.Concat(entries));
        var verdict = await DossierServer.VerifyAsync(Pack(files), one.PublicKeyFile, program: one.Bytes);

        Assert.True(verdict is (1, 1, _, _), verdict.NativeOutput + verdict.PythonOutput);
        foreach (var output in (string[])[verdict.NativeOutput, verdict.PythonOutput])
        {
            Assert.Contains(expected, output, StringComparison.Ordinal);
            Assert.Contains(also, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_dossier_is_refused_without_a_crash()
    {
        var (exit, output, error) = await Binary.RunAsync(["verify-dossier", one.PublicKeyFile], []);
        Assert.Equal((1, ""), (exit, error));
        Assert.Contains("archive: ", output, StringComparison.Ordinal);
        Assert.Equal(2, (await Binary.RunAsync(["verify-dossier", "/nowhere/at.all"], [])).ExitCode);
        Assert.Equal(2, (await Binary.RunAsync(["verify-dossier"], [])).ExitCode);
        Assert.Equal(2, (await Binary.RunAsync(["verify-dossier", one.PublicKeyFile, "--public-key", "/nowhere/at.all"], [])).ExitCode);
    }

    private static IReadOnlyList<string> Check(byte[] dossier) => DossierCheck.Run(new MemoryStream(dossier), null).Findings;

    /// <summary>Packs files by the framework's own writer, with the seal that belongs to it.</summary>
    private static byte[] Pack(Dictionary<string, byte[]> files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.Comment = new string(' ', 71);
            foreach (var (name, content) in files)
            {
                using var file = archive.CreateEntry(name).Open();
                file.Write(content);
            }
        }

        var whole = stream.ToArray();
        var seal = $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(whole[..^71]))}";
        return [.. whole[..^71], .. Encoding.ASCII.GetBytes(seal)];
    }

    private static byte[] ReadBytes(byte[] dossier, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(dossier));
        using var content = archive.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>A byte in the midst of a file's deflated content, of its header's date, or of its name in the directory.</summary>
    private int PlaceOf(string place, string name)
    {
        if (place == "seal")
            return one.Bytes.Length - 5;
        var end = one.Bytes.Length - 71 - 22;
        for (var at = (int)BinaryPrimitives.ReadUInt32LittleEndian(one.Bytes.AsSpan(end + 16)); at < end;)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(one.Bytes.AsSpan(at + 28));
            if (Encoding.ASCII.GetString(one.Bytes, at + 46, length) == name)
            {
                var header = (int)BinaryPrimitives.ReadUInt32LittleEndian(one.Bytes.AsSpan(at + 42));
                var content = header + 30 + length + BinaryPrimitives.ReadUInt16LittleEndian(one.Bytes.AsSpan(header + 28));
                return place switch
                {
                    "header date" => header + 12,
                    "directory name" => at + 46,
                    _ => content + ((int)BinaryPrimitives.ReadUInt32LittleEndian(one.Bytes.AsSpan(at + 20)) / 2),
                };
            }

            at += 46 + length + BinaryPrimitives.ReadUInt16LittleEndian(one.Bytes.AsSpan(at + 30));
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"There is no {name} in {one.Bytes.Length} bytes."));
    }

    /// <summary>One dossier for all of these.</summary>
    public sealed class OneDossier : IAsyncLifetime
    {
        private readonly DossierServer server = new();

        public byte[] Bytes { get; private set; } = [];

        public string PublicKeyFile => server.PublicKeyFile;

        public async ValueTask InitializeAsync()
        {
            await server.InitializeAsync();
            var admin = await Api.RegisterAsync(server.Server);
            for (var turn = 0; turn < 6; turn++)
                await admin.ChatAsync("How long must providers keep logs?");
            Bytes = await server.DownloadAsync(admin);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
