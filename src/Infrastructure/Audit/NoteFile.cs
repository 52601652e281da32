using System.Text;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// A file of signed notes, each followed by an empty line, that is only ever appended to. A crash may leave the last note torn: the next
/// append ends it with an empty line, and readers pass over what is no note.
/// </summary>
internal static class NoteFile
{
    private static readonly byte[] Boundary = "\n\n"u8.ToArray();

    /// <summary>All notes from the first, read as they are asked for. Nothing says yet that they are signed.</summary>
    public static IEnumerable<SignedNote> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
        using var reader = new StreamReader(file, Encoding.UTF8);
        foreach (var note in Parse(reader))
            yield return note;
    }

    /// <summary>The last note that <paramref name="wanted"/> wants, found from the end.</summary>
    public static SignedNote? FindLast(string path, Func<SignedNote, bool> wanted)
    {
        if (!File.Exists(path))
            return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        for (var window = 1L << 14; ; window *= 8)
        {
            var start = Math.Max(0, file.Length - window);
            file.Position = start;
            using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
            if (start > 0)
            {
                // What begins before the window is not whole.
                while (reader.ReadLine() is { Length: > 0 })
                {
                }
            }

            if (Parse(reader).Reverse().FirstOrDefault(wanted) is { } note)
                return note;
            if (start == 0)
                return null;
        }
    }

    /// <summary>Appends, and returns once the notes are on the disk. One writer at a time.</summary>
    /// <exception cref="IOException">The file or its disk does not take them.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static void Append(string path, IEnumerable<SignedNote> notes)
    {
        var text = new StringBuilder();
        foreach (var note in notes)
            text.Append(note).Append('\n');

        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (!EndsAtBoundary(file))
            text.Insert(0, "\n\n");
        file.Position = file.Length;
        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        file.Flush(flushToDisk: true);
    }

    private static bool EndsAtBoundary(FileStream file)
    {
        if (file.Length < Boundary.Length)
            return file.Length == 0;
        var end = new byte[Boundary.Length];
        file.Position = file.Length - end.Length;
        file.ReadExactly(end);
        return end.AsSpan().SequenceEqual(Boundary);
    }

    /// <summary>
    /// A note is a paragraph of text, an empty line, and signature lines; what has not both was torn. The empty line after a note may be
    /// missing, so that a checkpoint saved by hand, or several in one file, are as good.
    /// </summary>
    private static IEnumerable<SignedNote> Parse(StreamReader reader)
    {
        var (text, signatures) = (new StringBuilder(), new StringBuilder());
        var afterBlank = false;
        while (true)
        {
            var line = reader.ReadLine();
            var isSignature = line is not null && afterBlank && line.StartsWith(SignedNote.SignatureMark, StringComparison.Ordinal);
            if (!isSignature && signatures.Length > 0)
            {
                if (SignedNote.TryParse($"{text}\n{signatures}", out var note))
                    yield return note;
                text.Clear();
                signatures.Clear();
                afterBlank = false;
            }

            switch (line)
            {
                case null:
                    yield break;
                case "":
                    afterBlank = text.Length > 0;
                    break;
                case var _ when isSignature:
                    signatures.Append(line).Append('\n');
                    break;
                default:
                    if (afterBlank)
                        text.Clear();
                    afterBlank = false;
                    text.Append(line).Append('\n');
                    break;
            }
        }
    }
}
