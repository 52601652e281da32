using System.Buffers.Binary;
using System.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// Reads names from a ZIP file's central directory (APPNOTE 6.3.10, sections 4.3.12 and 4.3.16) with a bound on their number, which
/// <see cref="System.IO.Compression.ZipArchive"/> has not: a small file can list half a million entries.
/// </summary>
internal static class ZipDirectory
{
    /// <summary>A Word document has a few dozen entries, and one for each picture.</summary>
    private const int MaxEntries = 4_000;

    private const int EndLength = 22;
    private const int HeaderLength = 46;
    private const uint EndSignature = 0x06054B50;
    private const uint HeaderSignature = 0x02014B50;

    /// <param name="file">Seekable; left at any position.</param>
    /// <returns>Whether a name begins so. False also when this is no ZIP file, or one with more entries than any document has.</returns>
    public static bool Lists(Stream file, string beginning)
    {
        var names = Read(file);
        return names is not null && names.Exists(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
    }

    /// <returns>Null when this is no ZIP file, or one with more entries than any document has.</returns>
    public static List<string>? Read(Stream file)
    {
        if (FindDirectory(file) is not { } start)
            return null;

        var names = new List<string>();
        var header = new byte[HeaderLength];
        file.Position = start;
        while (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength && BinaryPrimitives.ReadUInt32LittleEndian(header) == HeaderSignature)
        {
            if (names.Count == MaxEntries)
                return null;
            var name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28))];
            if (file.ReadAtLeast(name, name.Length, throwOnEndOfStream: false) < name.Length)
                return null;
            names.Add(Encoding.UTF8.GetString(name));
            file.Position += BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30)) + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
        }

        return names;
    }

    /// <summary>The end record stands last, before a comment of 65,535 bytes at most.</summary>
    private static long? FindDirectory(Stream file)
    {
        var tail = new byte[Math.Min(file.Length, EndLength + ushort.MaxValue)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != EndSignature)
                continue;
            var start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
            return start < file.Length ? start : null;
        }

        return null;
    }
}
