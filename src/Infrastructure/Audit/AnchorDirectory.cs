using System.Globalization;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Where checkpoints are kept outside of PostgreSQL (<c>LEXCUSTIS_CHECKPOINT_DIR</c>): <c>&lt;organization&gt;.notes</c> with each of its
/// checkpoints, and <c>organizations.notes</c> with the signed list of all organizations. Several servers may share it.
/// </summary>
internal sealed class AnchorDirectory(string path)
{
    private const string Suffix = ".notes";
    private const string OrganizationsName = "organizations";

    public string Path { get; } = path;

    private string OrganizationsFile => FileOf(OrganizationsName);

    /// <summary>The organization's anchored notes, oldest first.</summary>
    public IEnumerable<SignedNote> Read(Guid organization) => NoteFile.Read(FileOf(organization));

    /// <summary>The last whole note, whoever signed it.</summary>
    public SignedNote? FindLast(Guid organization, CheckpointKeys keys) => NoteFile.FindLast(FileOf(organization), note => keys.Judge(note) != NoteStanding.Torn);

    public void Append(Guid organization, IEnumerable<SignedNote> notes) => NoteFile.Append(FileOf(organization), notes);

    /// <summary>Every organization that has a file here or stands in the last list.</summary>
    /// <param name="keys">Null takes the last list, whoever signed it.</param>
    public List<Guid> ListOrganizations(CheckpointKeys? keys) => [.. ListFiles().Union(ReadOrganizations(keys).Trees.Keys.Select(Guid.Parse))];

    /// <summary>Every organization that has a file here.</summary>
    public IEnumerable<Guid> ListFiles()
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*" + Suffix))
        {
            if (Guid.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), out var organization))
                yield return organization;
        }
    }

    /// <summary>The last signed list of organizations, with the note that it came in.</summary>
    /// <param name="keys">Null takes the last list, whoever signed it.</param>
    /// <returns>An empty list when there is none.</returns>
    public (SortedDictionary<string, AnchoredTree> Trees, SignedNote? Note) ReadOrganizations(CheckpointKeys? keys)
    {
        var trees = new SortedDictionary<string, AnchoredTree>(StringComparer.Ordinal);
        var note = NoteFile.FindLast(OrganizationsFile, note => keys is null || keys.Judge(note) is NoteStanding.Signed or NoteStanding.UnknownKey);
        foreach (var line in note?.Text.Split('\n')[1..^1] ?? [])
        {
            var root = new byte[MerkleTree.HashLength + 1];
            if (line.Split(' ') is [var id, var sizeText, var rootText] && Guid.TryParse(id, out var organization) && Checkpoint.TryReadSize(sizeText, out var size)
                && Convert.TryFromBase64String(rootText, root, out var length) && length == MerkleTree.HashLength)
            {
                trees[organization.ToString()] = new AnchoredTree(size, root[..length]);
            }
        }

        return (trees, note);
    }

    /// <summary>Signs and appends the list: the line <c>&lt;log origin&gt;/organizations</c>, then one <c>&lt;organization&gt; &lt;size&gt; &lt;root&gt;</c> each, sorted.</summary>
    public void AppendOrganizations(CheckpointKeys keys, string logOrigin, SortedDictionary<string, AnchoredTree> trees)
    {
        var lines = trees.Select(static tree => string.Create(CultureInfo.InvariantCulture, $"{tree.Key} {tree.Value.Size} {Convert.ToBase64String(tree.Value.Root)}\n"));
        NoteFile.Append(OrganizationsFile, [keys.Sign($"{logOrigin}/{OrganizationsName}\n{string.Concat(lines)}")]);
    }

    private string FileOf(Guid organization) => FileOf(organization.ToString());

    /// <summary>A file may not be there yet; a directory that is not there is one that was lost, or is not mounted.</summary>
    private string FileOf(string name) => Directory.Exists(Path) ? System.IO.Path.Combine(Path, name + Suffix) : throw new DirectoryNotFoundException();
}

/// <summary>A tree as the list of organizations names it.</summary>
internal sealed record AnchoredTree(long Size, byte[] Root);
