using System.Buffers;

namespace LexCustis.Infrastructure.Documents;

/// <summary>A kind of file that can be read.</summary>
/// <param name="Label">As a person calls it.</param>
/// <param name="HasPages">Whether its text says where a page ends.</param>
internal sealed record DocumentFormat(string MediaType, string Label, bool HasPages, params string[] Endings)
{
    public static readonly DocumentFormat Text = new("text/plain", "text", HasPages: false, ".txt");
    public static readonly DocumentFormat Markdown = new("text/markdown", "Markdown", HasPages: false, ".md", ".markdown");
    public static readonly DocumentFormat Html = new("text/html", "HTML", HasPages: false, ".html", ".htm");
    public static readonly DocumentFormat Pdf = new("application/pdf", "PDF", HasPages: true, ".pdf");
    public static readonly DocumentFormat Word = new("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word", HasPages: false, ".docx");

    private static readonly DocumentFormat[] All = [Text, Markdown, Html, Pdf, Word];

    /// <summary>Bytes from a file's beginning that are enough to tell what it is.</summary>
    public const int HeadLength = 64 * 1024;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!"u8);

    /// <summary>Beginnings of files that are no text, whatever their bytes look like.</summary>
    private static readonly byte[][] Signatures = ["%PDF-"u8.ToArray(), "PK\x03\x04"u8.ToArray(), [0xD0, 0xCF, 0x11, 0xE0], "{\\rtf"u8.ToArray(), "%!PS"u8.ToArray()];

    public static string AllEndings { get; } = string.Join(", ", All.SelectMany(static format => format.Endings));

    public static DocumentFormat? OfMediaType(string mediaType) => Array.Find(All, format => format.MediaType == mediaType);

    /// <returns>Null for an ending that is not read.</returns>
    public static DocumentFormat? OfName(string name) => Array.Find(All, format => Array.Exists(format.Endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether the content is what the name says; a name alone is never believed.</summary>
    /// <param name="file">Seekable; left at any position.</param>
    /// <returns>What is wrong, as a sentence for the person; null when nothing is.</returns>
    public string? FindMismatch(Stream file)
    {
        file.Position = 0;
        var head = new byte[Math.Min(HeadLength, file.Length)];
        file.ReadExactly(head);
        if (this == Pdf)
            return head.AsSpan().StartsWith("%PDF-"u8) ? null : "It does not begin as a PDF does.";
        if (this == Word)
            return FindWordMismatch(head, file);
        if (Array.Exists(Signatures, signature => head.AsSpan().StartsWith(signature)))
            return "It is another kind of file under the name of a text.";
        if (!Extraction.TextEncoding.LooksLikeText(head))
            return "It has bytes that no text has.";
        return this == Html && !HasTag(head) ? "It has no HTML element." : null;
    }

    private static string? FindWordMismatch(ReadOnlySpan<byte> head, Stream file)
    {
        // The container of Word before 2007, and of a .docx with a password.
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            return "It is protected by a password, or in Word's older format: save it as .docx without a password.";
        return head.StartsWith("PK\x03\x04"u8) && Extraction.ZipDirectory.Lists(file, "[Content_Types].xml") && Extraction.ZipDirectory.Lists(file, "word/") ? null : "It is no Word document.";
    }

    /// <summary><c>&lt;</c> and a letter, or <c>&lt;!</c>; in UTF-16 a zero stands between.</summary>
    private static bool HasTag(ReadOnlySpan<byte> head)
    {
        for (var rest = head; rest.IndexOf((byte)'<') is >= 0 and var at;)
        {
            rest = rest[(at + 1)..].TrimStart((byte)0);
            if (rest.Length > 0 && Letters.Contains(rest[0]))
                return true;
        }

        return false;
    }
}
