using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace LexCustis.Infrastructure.Audit;

/// <summary>A signed tree head of one organization's log: a C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) without extension lines.</summary>
/// <param name="Origin"><c>&lt;LEXCUSTIS_LOG_ORIGIN&gt;/&lt;organization id&gt;</c>.</param>
/// <param name="Size">Entries that the tree has.</param>
/// <param name="Root">32 bytes.</param>
internal sealed record Checkpoint(string Origin, long Size, byte[] Root, SignedNote Note)
{
    public static Checkpoint Sign(CheckpointKeys keys, string logOrigin, Guid organization, long size, byte[] root)
    {
        var origin = $"{logOrigin}/{organization}";
        return new Checkpoint(origin, size, root, keys.Sign(string.Create(CultureInfo.InvariantCulture, $"{origin}\n{size}\n{Convert.ToBase64String(root)}\n")));
    }

    /// <summary>Reads a note without judging its signature.</summary>
    /// <param name="organization">Whose checkpoint it must be; the log's own name before it may have changed since.</param>
    public static bool TryRead(string note, Guid organization, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (!SignedNote.TryParse(note, out var parsed) || parsed.Text.Split('\n') is not [var origin, var sizeText, var rootText, ""])
            return false;

        var root = new byte[MerkleTree.HashLength + 1];
        if (!origin.EndsWith($"/{organization}", StringComparison.Ordinal)
            || !TryReadSize(sizeText, out var size)
            || !Convert.TryFromBase64String(rootText, root, out var length) || length != MerkleTree.HashLength)
        {
            return false;
        }

        checkpoint = new Checkpoint(origin, size, root[..length], parsed);
        return true;
    }

    /// <summary>ASCII decimal without leading zeroes.</summary>
    public static bool TryReadSize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (text.Length == 1 || text[0] != '0');
}
