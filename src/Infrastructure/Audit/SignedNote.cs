using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LexCustis.Infrastructure.Audit;

/// <summary>A C2SP signed note (c2sp.org/signed-note): text that ends in a line feed, an empty line, signature lines.</summary>
/// <param name="Text">What is signed, its last line feed included.</param>
internal sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>What every signature line begins with: an em dash and a space.</summary>
    public const string SignatureMark = "\u2014 ";

    public byte[] SignedBytes => Encoding.UTF8.GetBytes(Text);

    /// <summary>The note as it is stored and sent.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
            note.Append(SignatureMark).Append(signature.Name).Append(' ').Append(Convert.ToBase64String([.. signature.KeyId, .. signature.Value])).Append('\n');
        return note.ToString();
    }

    public static bool TryParse(string note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank <= 0 || blank + 2 >= note.Length || !note.EndsWith('\n'))
            return false;
        foreach (var character in note)
        {
            if (character is < ' ' and not '\n' or '\ufffd')
                return false;
        }

        var signatures = new List<NoteSignature>();
        foreach (var line in note[(blank + 2)..^1].Split('\n'))
        {
            var space = line.LastIndexOf(' ');
            if (!line.StartsWith(SignatureMark, StringComparison.Ordinal) || space <= SignatureMark.Length)
                return false;
            var value = new byte[line.Length];
            if (!Convert.TryFromBase64String(line[(space + 1)..], value, out var length) || length <= NoteSignature.KeyIdLength)
                return false;
            signatures.Add(new NoteSignature(line[SignatureMark.Length..space], value[..NoteSignature.KeyIdLength], value[NoteSignature.KeyIdLength..length]));
        }

        parsed = new SignedNote(note[..(blank + 1)], signatures);
        return true;
    }
}

/// <param name="Name">The signing key's name: for checkpoints, the origin.</param>
/// <param name="KeyId">4 bytes.</param>
internal sealed record NoteSignature(string Name, byte[] KeyId, byte[] Value)
{
    public const int KeyIdLength = 4;
}
