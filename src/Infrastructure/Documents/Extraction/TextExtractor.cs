namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>From a file to what it says.</summary>
internal sealed class TextExtractor(DocumentSettings settings, PdfText pdf)
{
    /// <exception cref="UnreadableDocumentException">It cannot be read, has no text, or more than is allowed.</exception>
    public async Task<ExtractedText> ReadAsync(DocumentFormat format, byte[] file, CancellationToken cancellationToken)
    {
        var text = format == DocumentFormat.Pdf ? await pdf.ReadAsync(file, cancellationToken)
            : format == DocumentFormat.Word ? WordText.Read(file, settings.MaxCharacters)
            : format == DocumentFormat.Html ? HtmlText.Read(file, settings.MaxCharacters)
            : format == DocumentFormat.Markdown ? MarkdownText.Read(file, settings.MaxCharacters)
            : PlainText.Read(file, settings.MaxCharacters);
        return text.Text.AsSpan().ContainsAnyInRange('0', '\uFFFF') ? text : throw new UnreadableDocumentException(Unreadable.NoText(format));
    }
}
