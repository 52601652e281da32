using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Zip;

namespace LexCustis.Features.Dossier;

/// <summary>
/// Checks a dossier file as verify.py does, which lies in each: the archive's seal, the manifest's signature, each file's hash, the entries'
/// form and links, and that they are the signed root's. Reads forwards, in constant memory; whatever is damaged becomes a finding.
/// </summary>
internal sealed class DossierCheck
{
    private const int SmallFile = 64 << 20;

    private static readonly string[] Unlisted = ["manifest.json", "manifest.sig"];

    private readonly CheckpointKeys? ownKeys;
    private readonly List<string> findings = [];
    private readonly Dictionary<long, (string Name, byte[] Leaf)> proofs = [];

    private DossierCheck(CheckpointKeys? ownKeys) => this.ownKeys = ownKeys;

    /// <summary>One line for each thing that is wrong, its place first.</summary>
    public IReadOnlyList<string> Findings => findings;

    /// <summary>Null when the manifest cannot be read.</summary>
    public DossierManifest? Manifest { get; private set; }

    public Checkpoint? Checkpoint { get; private set; }

    /// <summary>Those that signatures were held against: the caller's, or the dossier's own.</summary>
    public CheckpointKeys? Keys { get; private set; }

    /// <param name="file">Seekable.</param>
    /// <param name="ownKeys">Null: the key in the dossier, which shows its agreement with itself alone.</param>
    public static DossierCheck Run(Stream file, CheckpointKeys? ownKeys)
    {
        var check = new DossierCheck(ownKeys);
        var sealedWhole = IsSealed(file);
        file.Position = 0;
        check.Attempt("archive", () =>
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            check.CheckFiles(archive);
        });
        if (!sealedWhole)
            check.Found("archive", $"its bytes are not those that were written: {(check.findings.Count > 0 ? "see above" : "a header, the directory or the seal was changed, no file's content")}");
        return check;
    }

    private static bool IsSealed(Stream file)
    {
        var length = file.Length - ZipStream.SealLength;
        if (length < 0)
            return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        while (length > 0)
        {
            var read = file.Read(buffer, 0, (int)Math.Min(length, buffer.Length));
            hash.AppendData(buffer, 0, read);
            length -= read;
        }

        var seal = new byte[ZipStream.SealLength];
        file.ReadExactly(seal);
        return Encoding.ASCII.GetString(seal) == $"{ZipStream.SealPrefix}{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private void CheckFiles(ZipArchive archive)
    {
        var manifest = Attempt("manifest.json", () => ReadAll(archive, "manifest.json"));
        Keys = ownKeys ?? Attempt("audit/public-key.pem", () => ReadKeys(archive));
        if (manifest is not null && Keys is not null)
        {
            Attempt("manifest.sig", () =>
            {
                if (!Keys.Verify(manifest, ReadAll(archive, "manifest.sig")))
                    throw new DossierException("it is not a signature of manifest.json by the key");
            });
        }

        if (manifest is not null)
            Manifest = Attempt("manifest.json", () => DossierManifest.Read(manifest));
        if (Manifest is null)
            return;

        CheckHashes(archive, Manifest);
        Checkpoint = Attempt("audit/checkpoint.txt", () => ReadCheckpoint(archive, Manifest));
        if (Checkpoint is not null && Keys is not null && Keys.Judge(Checkpoint.Note) != NoteStanding.Signed)
            Found("audit/checkpoint.txt", "its signature does not hold, or is of a key that is not known here");
        Attempt("audit/verification.json", () => CheckReport(archive));
        if (Checkpoint is not null)
            CheckLog(archive, Manifest, Checkpoint);
    }

    private void CheckHashes(ZipArchive archive, DossierManifest manifest)
    {
        var names = archive.Entries.CountBy(static entry => entry.FullName, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, count) in names.OrderBy(static name => name.Key, StringComparer.Ordinal))
        {
            if (count > 1)
                Found(name, "it is in the archive more than once");
            if (!manifest.Files.ContainsKey(name) && !Unlisted.Contains(name))
                Found(name, "it is in the archive and not in the manifest");
        }

        foreach (var (name, file) in manifest.Files)
        {
            if (!names.ContainsKey(name))
                Found(name, "it is in the manifest and not in the archive");
            else
                Attempt(name, () => CheckHash(archive, name, file));
        }
    }

    private static void CheckHash(ZipArchive archive, string name, DossierFile file)
    {
        using var content = Open(archive, name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        var size = 0L;
        for (int read; size <= file.Size && (read = content.Read(buffer, 0, buffer.Length)) > 0; size += read)
            hash.AppendData(buffer, 0, read);
        if (size != file.Size)
            throw new DossierException("its size is not the manifest's");
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            throw new DossierException("its SHA-256 is not the manifest's");
    }

    private static Checkpoint ReadCheckpoint(ZipArchive archive, DossierManifest manifest) =>
        Checkpoint.TryRead(ReadText(archive, "audit/checkpoint.txt"), manifest.Organization, out var checkpoint)
            ? checkpoint
            : throw new DossierException("it is not a signed checkpoint of this organization");

    private static CheckpointKeys ReadKeys(ZipArchive archive) =>
        CheckpointKeys.TryParse(ReadText(archive, "audit/public-key.pem"), out var keys, out var reason) ? keys : throw new DossierException(reason);

    private void CheckReport(ZipArchive archive)
    {
        using var report = JsonDocument.Parse(ReadAll(archive, "audit/verification.json"));
        var findingsOfServer = report.RootElement.GetProperty("findings");
        foreach (var finding in findingsOfServer.EnumerateArray())
        {
            Found("log", string.Create(CultureInfo.InvariantCulture,
                $"the server's own verification found {finding.GetProperty("verdict").GetString()}: {finding.GetProperty("count").GetInt64()}, first at sequence {finding.GetProperty("first_sequence").GetInt64()}"));
        }

        if (report.RootElement.GetProperty("valid").GetBoolean() != (findingsOfServer.GetArrayLength() == 0))
            throw new DossierException("its verdict is not that of its findings");
    }

    private void CheckLog(ZipArchive archive, DossierManifest manifest, Checkpoint checkpoint)
    {
        foreach (var entry in archive.Entries)
        {
            var name = entry.FullName;
            if (name.StartsWith("audit/proofs/", StringComparison.Ordinal) && name.EndsWith(".tlog-proof", StringComparison.Ordinal)
                && long.TryParse(name["audit/proofs/".Length..^".tlog-proof".Length], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                && Attempt(name, () => CheckProof(ReadText(archive, name), sequence, checkpoint)) is { } leaf)
            {
                proofs[sequence] = (name, leaf);
            }
        }

        if (archive.GetEntry("audit/proofs/range.json") is null)
        {
            Found("audit/proofs/range.json", "it is missing: that the entries are those of the checkpoint is not proved");
            return;
        }

        if (Attempt("audit/proofs/range.json", () => ReadRange(archive, manifest)) is not { } range
            || Attempt("audit/entries.jsonl", () => CheckEntries(archive, manifest, range.Tree)) is not { } tree)
        {
            return;
        }

        if (!MerkleTree.Extends(tree.Size, checkpoint.Size, tree.Root(), checkpoint.Root, range.After))
            Found("audit/entries.jsonl", "its entries do not lead to the signed root (or audit/proofs/range.json is not theirs)");
    }

    private static RangeProof ReadRange(ZipArchive archive, DossierManifest manifest)
    {
        using var proof = JsonDocument.Parse(ReadAll(archive, "audit/proofs/range.json"));
        if (proof.RootElement.GetProperty("first_sequence").GetInt64() != manifest.First || proof.RootElement.GetProperty("last_sequence").GetInt64() != manifest.Last)
            throw new DossierException("it is for another range than the manifest's");

        var before = Hashes(proof.RootElement.GetProperty("before"));
        var tree = new MerkleFrontier();
        var next = 0;
        for (var level = 62; level >= 0; level--)
        {
            if ((((manifest.First - 1) >> level) & 1) == 1)
                tree.Append(level, next < before.Count ? before[next++] : throw new DossierException("there are not as many subtrees as the size has bits"));
        }

        return next == before.Count ? new RangeProof(tree, Hashes(proof.RootElement.GetProperty("after"))) : throw new DossierException("there are not as many subtrees as the size has bits");
    }

    private static byte[] CheckProof(string text, long sequence, Checkpoint checkpoint)
    {
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = blank < 0 ? [] : text[..blank].Split('\n');
        if (lines.Length < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !lines[1].StartsWith("extra ", StringComparison.Ordinal)
            || lines[2] != string.Create(CultureInfo.InvariantCulture, $"index {sequence - 1}"))
        {
            throw new DossierException("it is not a proof of this entry");
        }

        if (text[(blank + 2)..] != checkpoint.Note.ToString())
            throw new DossierException("its checkpoint is not audit/checkpoint.txt");
        var leaf = MerkleTree.Leaf(Convert.FromBase64String(lines[1]["extra ".Length..]), []);
        return MerkleTree.Includes(sequence - 1, checkpoint.Size, leaf, lines[3..].Select(Hash).ToList(), checkpoint.Root)
            ? leaf
            : throw new DossierException("it does not lead to the signed root");
    }

    private MerkleFrontier? CheckEntries(ZipArchive archive, DossierManifest manifest, MerkleFrontier tree)
    {
        using var content = Open(archive, "audit/entries.jsonl");
        using var lines = new LineReader(content);
        var expected = manifest.First;
        string? previous = null;
        while (lines.Read() is { } line)
        {
            DossierEntry entry;
            try
            {
                entry = DossierEntry.Read(line);
                if (entry.Sequence != expected)
                    throw new DossierException($"sequence_gap: {expected} was to follow");
            }
            catch (Exception malformed) when (malformed is DossierException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
            {
                Found($"audit/entries.jsonl, sequence {expected}", malformed.Message);
                return null;
            }

            var place = $"audit/entries.jsonl, sequence {entry.Sequence}";
            if (previous is not null && entry.PreviousHash != previous)
                Found(place, "broken_link: its previous_hash is not the entry_hash before it");
            if (expected == 1 && entry.PreviousHash != new string('0', 64))
                Found(place, "broken_link: the first entry follows something");
            if (entry.BodySequence != entry.Sequence || entry.BodyOrganization != manifest.Organization)
                Found(place, "its body names another place or organization");

            var leaf = MerkleTree.Leaf(Convert.FromHexString(entry.EntryHash), entry.Body);
            if (proofs.TryGetValue(expected, out var proof) && !proof.Leaf.AsSpan().SequenceEqual(leaf))
                Found(proof.Name, "it proves another entry than audit/entries.jsonl has");
            tree.Append(leaf);
            (expected, previous) = (expected + 1, entry.EntryHash);
        }

        if (expected == manifest.Last + 1)
            return tree;
        Found("audit/entries.jsonl", $"it ends before sequence {manifest.Last}, at {expected - 1}");
        return null;
    }

    private static Stream Open(ZipArchive archive, string name) => (archive.GetEntry(name) ?? throw new DossierException("it is missing")).Open();

    private static byte[] ReadAll(ZipArchive archive, string name)
    {
        using var content = Open(archive, name);
        using var whole = new MemoryStream();
        var checksum = new Crc32();
        var buffer = new byte[1 << 16];
        for (int read; (read = content.Read(buffer, 0, buffer.Length)) > 0;)
        {
            checksum.Append(buffer.AsSpan(0, read));
            whole.Write(buffer, 0, read);
            if (whole.Length > SmallFile)
                throw new DossierException("it is too large");
        }

        return checksum.Value == archive.GetEntry(name)!.Crc32 ? whole.ToArray() : throw new DossierException("its bytes are not those that were packed (CRC-32)");
    }

    private static string ReadText(ZipArchive archive, string name) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(ReadAll(archive, name));

    private static List<byte[]> Hashes(JsonElement array) => array.EnumerateArray().Select(static one => Hash(one.GetString() ?? "")).ToList();

    private static byte[] Hash(string text) => Convert.FromBase64String(text) is { Length: MerkleTree.HashLength } hash ? hash : throw new DossierException("a hash is not the base64 of 32 bytes");

    private void Found(string place, string what) => findings.Add($"{place}: {what}");

    private void Attempt(string place, Action step) => Attempt<object>(place, () =>
    {
        step();
        return null;
    });

    /// <summary>Runs a step; whatever it stumbles over is named with its place. A damaged archive makes the reader of zips throw whatever it likes.</summary>
    private T? Attempt<T>(string place, Func<T?> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (DossierException wrong)
        {
            Found(place, wrong.Message);
        }
        catch (Exception damaged) when (damaged is not OutOfMemoryException)
        {
            Found(place, $"it cannot be read ({damaged.GetType().Name})");
        }

        return null;
    }

    private sealed record RangeProof(MerkleFrontier Tree, List<byte[]> After);
}

/// <summary>What is wrong with a dossier; a clause that follows its place.</summary>
internal sealed class DossierException(string what) : Exception(what);
