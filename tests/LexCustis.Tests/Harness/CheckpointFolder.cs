using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Harness;

/// <summary>A checkpoint key and an anchor directory of a test's own, as an operator would set them.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    public const string Origin = "audit.example.org";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lexcustis-");

    public CheckpointFolder()
    {
        Directory.CreateDirectory(Anchors);
        File.WriteAllText(KeyFile, NewKey());
    }

    public string Anchors => Path.Combine(folder.FullName, "anchors");

    public string KeyFile => Path.Combine(folder.FullName, "key.pem");

    public string OrganizationsFile => Path.Combine(Anchors, "organizations.notes");

    public CheckpointKeys Keys => CheckpointKeys.TryParse(File.ReadAllText(KeyFile), out var keys, out var wrong) ? keys : throw new InvalidOperationException(wrong);

    /// <summary>What a server needs that takes checkpoints; rounds only at its start, unless an interval is given.</summary>
    public Dictionary<string, string> Settings(string interval = "24h") => new()
    {
        ["LEXCUSTIS_CHECKPOINT_KEY_FILE"] = KeyFile,
        ["LEXCUSTIS_CHECKPOINT_DIR"] = Anchors,
        ["LEXCUSTIS_CHECKPOINT_INTERVAL"] = interval,
        ["LEXCUSTIS_LOG_ORIGIN"] = Origin,
    };

    /// <summary>The same for the product's classes in this process.</summary>
    public CheckpointSettings Open(bool anchors = true) => new(Keys, Origin, anchors ? new AnchorDirectory(Anchors) : null, TimeSpan.FromHours(24));

    public static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    public string FileOf(Guid organization) => Path.Combine(Anchors, $"{organization}.notes");

    public void Dispose() => folder.Delete(recursive: true);
}
