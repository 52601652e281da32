using System.IO.Compression;
using System.Text;
using System.Xml;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// The words of a .docx file (ECMA-376, WordprocessingML): paragraphs, headings by their style, lists, tables, notes where they are referred to.
/// Not what Word does not print: deleted and hidden text, field codes, comments. The file is read as a stream, with bounds on everything that
/// a small file could say in order to fill a large memory.
/// </summary>
internal sealed class WordText
{
    private const string Main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    /// <summary>Of the same elements in files that Word saved as "Strict Open XML".</summary>
    private const string StrictMain = "http://purl.oclc.org/ooxml/wordprocessingml/main";

    private const string Compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006";
    private const int DeepestNesting = 256;

    private readonly ZipArchive zip;
    private readonly UnpackBudget budget = new();
    private readonly TextBuilder builder;
    private readonly Dictionary<string, int> headingLevels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> notes = new(StringComparer.Ordinal);

    private WordText(ZipArchive zip, int maxCharacters) => (this.zip, builder) = (zip, new TextBuilder(maxCharacters));

    /// <exception cref="UnreadableDocumentException">It is damaged, or more than any document should be.</exception>
    public static ExtractedText Read(byte[] file, int maxCharacters)
    {
        try
        {
            using var stream = new MemoryStream(file, writable: false);
            if (ZipDirectory.Read(stream) is null)
                throw new UnreadableDocumentException(Unreadable.TooComplex("Its container lists thousands of parts, or none."));
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return new WordText(archive, maxCharacters).Read();
        }
        catch (Exception malformed) when (malformed is XmlException or InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw new UnreadableDocumentException(Unreadable.Damaged(DocumentFormat.Word, "a part of it is malformed"));
        }
    }

    private ExtractedText Read()
    {
        var main = FindMainPart() ?? throw new UnreadableDocumentException(Unreadable.Damaged(DocumentFormat.Word, "its text is missing"));
        var folder = main.FullName[..(main.FullName.LastIndexOf('/') + 1)];
        ReadStyles(zip.GetEntry(folder + "styles.xml"));
        ReadNotes(zip.GetEntry(folder + "footnotes.xml"), "footnote");
        ReadNotes(zip.GetEntry(folder + "endnotes.xml"), "endnote");
        using (var xml = Open(main))
            new Body(this, xml).Read();
        return builder.Build();
    }

    /// <summary>The package's own relationships name it; Word itself does not always call it document.xml.</summary>
    private ZipArchiveEntry? FindMainPart()
    {
        if (zip.GetEntry("_rels/.rels") is { } relationships)
        {
            using var xml = Open(relationships);
            while (Next(xml))
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "Relationship" } && xml.GetAttribute("Type")?.EndsWith("/officeDocument", StringComparison.Ordinal) == true
                    && zip.GetEntry(xml.GetAttribute("Target")?.TrimStart('/') ?? "") is { } named)
                {
                    return named;
                }
            }
        }

        return zip.GetEntry("word/document.xml");
    }

    /// <summary>Headings are paragraphs whose style, or one that it is based on, has an outline level.</summary>
    private void ReadStyles(ZipArchiveEntry? part)
    {
        if (part is null)
            return;
        var basedOn = new Dictionary<string, string>(StringComparer.Ordinal);
        using var xml = Open(part);
        for (string? style = null; Next(xml);)
        {
            if (!IsOurs(xml) || xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "style")
                style = Attribute(xml, "styleId");
            else if (style is not null && xml.LocalName == "basedOn" && Attribute(xml, "val") is { } parent)
                basedOn[style] = parent;
            else if (style is not null && xml.LocalName == "outlineLvl" && OutlineLevel(xml) is { } level)
                headingLevels[style] = level;
            // "heading 1" is its name in every language of Word; its id is translated.
            else if (style is not null && xml.LocalName == "name" && Attribute(xml, "val") is { } name
                && name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(8), out level) && level is >= 1 and <= 9)
            {
                headingLevels.TryAdd(style, level);
            }
            else if (style is not null && xml.LocalName == "name" && string.Equals(Attribute(xml, "val"), "Title", StringComparison.OrdinalIgnoreCase))
                headingLevels.TryAdd(style, 1);
        }

        foreach (var style in basedOn.Keys)
        {
            var parent = basedOn[style];
            for (var step = 0; step < 16 && !headingLevels.ContainsKey(style); step++)
            {
                if (headingLevels.TryGetValue(parent, out var inherited))
                    headingLevels[style] = inherited;
                else if (!basedOn.TryGetValue(parent, out parent!))
                    break;
            }
        }
    }

    private void ReadNotes(ZipArchiveEntry? part, string kind)
    {
        if (part is null)
            return;
        using var xml = Open(part);
        var text = new StringBuilder();
        string? note = null;
        while (Next(xml))
        {
            if (!IsOurs(xml))
                continue;
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == kind)
                (note, _) = (Attribute(xml, "type") is null ? Attribute(xml, "id") : null, text.Clear());
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "t" && note is not null)
                AppendText(xml, text);
            else if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "p")
                text.Append(' ');
            else if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == kind && note is not null)
                notes[kind + note] = TextBuilder.Clean(text.ToString());
        }
    }

    private XmlReader Open(ZipArchiveEntry part) => XmlReader.Create(budget.Open(part), new XmlReaderSettings
    {
        // No Word document has a DTD. With it go entities, their expansion, and everything that they could fetch.
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
        MaxCharactersInDocument = UnpackBudget.LargestPart,
    });

    private static bool Next(XmlReader xml)
    {
        if (!xml.Read())
            return false;
        if (xml.Depth > DeepestNesting)
            throw new UnreadableDocumentException(Unreadable.TooComplex($"Its elements stand more than {DeepestNesting} deep in each other."));
        return true;
    }

    private static bool IsOurs(XmlReader xml) => xml.NamespaceURI is Main or StrictMain;

    private static string? Attribute(XmlReader xml, string name) => xml.GetAttribute(name, xml.NamespaceURI);

    /// <summary>Level 9 is that of ordinary text.</summary>
    private static int? OutlineLevel(XmlReader xml) => int.TryParse(Attribute(xml, "val"), out var level) && level is >= 0 and <= 8 ? level + 1 : null;

    /// <summary>Text is there in pieces, so that one long run is never held twice.</summary>
    private void AppendText(XmlReader xml, StringBuilder text)
    {
        if (xml.IsEmptyElement)
            return;
        var buffer = new char[4096];
        while (Next(xml) && xml.NodeType != XmlNodeType.EndElement)
        {
            if (xml.NodeType is not (XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA))
                continue;
            for (int read; (read = xml.ReadValueChunk(buffer, 0, buffer.Length)) > 0;)
            {
                Add(text, buffer.AsSpan(0, read));
            }
        }
    }

    /// <summary>Nothing that is still being put together is longer than the whole may be.</summary>
    private void Add(StringBuilder text, ReadOnlySpan<char> more)
    {
        if (text.Length + more.Length > builder.Limit)
            throw new UnreadableDocumentException(Unreadable.TooMuchText(builder.Limit));
        text.Append(more);
    }

    /// <summary>One pass over the document's body.</summary>
    private sealed class Body(WordText owner, XmlReader xml)
    {
        private readonly StringBuilder paragraph = new();
        private readonly StringBuilder row = new();
        private int paragraphs;
        private int tables;
        private int level;
        private bool isItem;
        private bool isHidden;

        public void Read()
        {
            while (Next(xml))
            {
                if (xml.NodeType == XmlNodeType.Element && !IsLeftOut())
                    Start();
                else if (xml.NodeType == XmlNodeType.EndElement && IsOurs(xml))
                    End();
            }
        }

        /// <summary>Steps over what is not printed, or said twice: a shape's text for older programs repeats what newer ones read.</summary>
        private bool IsLeftOut()
        {
            if (!(xml.NamespaceURI == Compatibility && xml.LocalName == "Fallback") && !(IsOurs(xml) && xml.LocalName is "del" or "moveFrom" or "pPrChange" or "rPrChange"))
                return false;
            for (var depth = xml.Depth; !xml.IsEmptyElement && Next(xml) && xml.Depth > depth;)
            {
                // Everything below it.
            }

            return true;
        }

        private void Start()
        {
            if (!IsOurs(xml))
                return;
            switch (xml.LocalName)
            {
                case "p" when !xml.IsEmptyElement:
                    // A text box stands within the paragraph that holds it.
                    if (paragraphs++ > 0)
                        paragraph.Append('\n');
                    else
                        (level, isItem) = (0, false);
                    break;
                case "pStyle" when Attribute(xml, "val") is { } style && owner.headingLevels.TryGetValue(style, out var ofStyle):
                    level = ofStyle;
                    break;
                case "outlineLvl" when OutlineLevel(xml) is { } own:
                    level = own;
                    break;
                case "numPr":
                    isItem = true;
                    break;
                case "r":
                    isHidden = false;
                    break;
                case "vanish":
                    isHidden = Attribute(xml, "val") is not ("0" or "false" or "off");
                    break;
                case "t" when !isHidden:
                    owner.AppendText(xml, paragraph);
                    break;
                case "tab" or "ptab" when paragraph.Length > 0:
                    paragraph.Append(' ');
                    break;
                case "br" or "cr":
                    paragraph.Append('\n');
                    break;
                case "noBreakHyphen":
                    paragraph.Append('-');
                    break;
                case "footnoteReference" or "endnoteReference" when owner.notes.TryGetValue(xml.LocalName[..^"Reference".Length] + Attribute(xml, "id"), out var note) && note.Length > 0:
                    owner.Add(paragraph, $" ({note})");
                    break;
                case "tbl" when !xml.IsEmptyElement:
                    tables++;
                    break;
            }
        }

        private void End()
        {
            switch (xml.LocalName)
            {
                case "p" when --paragraphs == 0:
                    EndParagraph();
                    break;
                case "tc" when tables == 1:
                    row.Append(" | ");
                    break;
                case "tr" when tables == 1:
                    owner.builder.AppendBlock(row.ToString().Trim(' ', '|'), "\n");
                    row.Clear();
                    break;
                case "tbl":
                    tables--;
                    break;
            }
        }

        private void EndParagraph()
        {
            var text = paragraph.ToString();
            paragraph.Clear();
            if (tables > 0)
            {
                owner.Add(row, row.Length > 0 && row[^1] != ' ' ? " " : "");
                owner.Add(row, text.ReplaceLineEndings(" "));
            }
            else if (level > 0)
                owner.builder.AppendHeading(text, level);
            else if (isItem && !string.IsNullOrWhiteSpace(text))
                owner.builder.AppendBlock("- " + text, "\n");
            else
                owner.builder.AppendBlock(text);
        }
    }
}

/// <summary>
/// What unpacking one document may cost. Sizes are counted as they come, since what a ZIP file declares is not to be believed; deflate packs up to
/// a thousand times, while a Word document's markup packs ten to fifty times.
/// </summary>
internal sealed class UnpackBudget
{
    public const long LargestPart = 64L << 20;
    private const long Free = 8L << 20;
    private const int MostPacked = 200;

    private long left = 2 * LargestPart;

    /// <exception cref="UnreadableDocumentException">While reading: the part, or all parts together, unpack to too much.</exception>
    public Stream Open(ZipArchiveEntry part) => new Counted(this, part.Open(), Math.Min(LargestPart, Math.Max(Free, part.CompressedLength * MostPacked)));

    private sealed class Counted(UnpackBudget budget, Stream inner, long limit) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => read; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            (read, budget.left) = (read + count, budget.left - count);
            return read <= limit && budget.left >= 0 ? count : throw new UnreadableDocumentException(Unreadable.TooComplex("It unpacks to many times its size."));
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
