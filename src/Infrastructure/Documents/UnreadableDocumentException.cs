namespace LexCustis.Infrastructure.Documents;

/// <summary>A document that will not get better by trying again.</summary>
internal sealed class UnreadableDocumentException(Unreadable reason) : Exception(reason.Code)
{
    public Unreadable Reason { get; } = reason;
}

/// <summary>Why a document failed: a word that programs, and the web app's translations, go by, and what the person should know and do. Nothing in it comes from the document.</summary>
internal sealed record Unreadable(string Code, string Sentence)
{
    public static readonly Unreadable Encrypted = new("encrypted", "The PDF is protected by a password. Save a copy without one and upload that.");
    public static readonly Unreadable WrongEncoding = new("wrong_encoding", "The text's encoding could not be told. Save it as UTF-8 and upload that.");
    public static readonly Unreadable Unavailable = new("unavailable", "Something that indexing needs stayed away for too long. Upload the file again later.");
    public static readonly Unreadable Interrupted = new("interrupted", "Indexing it was cut off each time it was tried. Upload the file again, or a smaller part of it.");
    public static readonly Unreadable Internal = new("internal", "Indexing it failed for a reason that is in the server's log. Ask whoever runs the server.");

    public static Unreadable Damaged(DocumentFormat format, string what) => new("damaged", $"It cannot be read as {format.Label}: {what}. Save it anew and upload that.");

    public static Unreadable NoText(DocumentFormat format) => new("no_text", format == DocumentFormat.Pdf
        ? "There is no text in it. If it was scanned, run text recognition (OCR) on it and upload the result."
        : "There is no text in it.");

    public static Unreadable TooManyPages(int limit) => new("too_many_pages", $"It has more than {limit} pages. Divide it and upload the parts.");

    public static Unreadable TooMuchText(int limit) => new("too_much_text", $"It has more than {limit} characters of text. Divide it and upload the parts.");

    public static Unreadable TooComplex(string what) => new("too_complex", $"{what} An ordinary document does not. Save it anew in a simpler form and upload that.");

    public static Unreadable Timeout(TimeSpan limit) => new("timeout", $"Reading it took longer than {limit.TotalSeconds:0} seconds. Save it anew, or divide it and upload the parts.");

    public static Unreadable ReaderMissing(string program, string package) => new("reader_missing",
        $"This server cannot read PDF files: {program} (Debian package {package}) is not installed. Ask whoever runs the server, then upload the file again.");
}
