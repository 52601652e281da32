using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace LexCustis.Tests.Harness;

/// <summary>Files as programs write them, and as an attacker would, made byte by byte.</summary>
internal static class DocumentFiles
{
    private const string Catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    private const string Font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

    /// <summary>A PDF with a page for each text, its lines as they are.</summary>
    public static byte[] Pdf(params string[] pages)
    {
        var objects = new List<string>
        {
            Catalog, $"<< /Type /Pages /Kids [{string.Join(' ', pages.Select(static (_, page) => $"{4 + (2 * page)} 0 R"))}] /Count {pages.Length} >>", Font,
        };
        foreach (var page in pages)
        {
            objects.Add(Page(objects.Count + 2));
            objects.Add(Stream($"BT /F1 12 Tf 72 720 Td 14 TL {string.Concat(page.Split('\n').Select(static line => $"({line}) Tj T* "))}ET"));
        }

        return Assemble(objects);
    }

    /// <summary>It wants a password that nobody knows: what its standard security handler would compare is no key's result.</summary>
    public static byte[] EncryptedPdf() => Assemble(
        [
            Catalog, "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", Font, Page(5), Stream("BT /F1 12 Tf 72 720 Td (Secret) Tj ET"),
            $"<< /Filter /Standard /V 1 /R 2 /O <{string.Concat(Enumerable.Repeat("ab", 32))}> /U <{string.Concat(Enumerable.Repeat("cd", 32))}> /P -4 >>",
        ],
        "/Encrypt 6 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]");

    /// <summary>A page that is a picture.</summary>
    public static byte[] PdfWithoutText() => Assemble([Catalog, "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", Font, Page(5), Stream("0 0 100 100 re f")]);

    /// <summary>The pages contain themselves.</summary>
    public static byte[] PdfOfItself() => Assemble([Catalog, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>", Font]);

    /// <summary>Forms that each draw the next one twice: a billion times at the end of thirty.</summary>
    public static byte[] EndlessPdf()
    {
        const int Depth = 30;
        var objects = new List<string> { Catalog, "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", Font, Page(5), Stream("/X Do") };
        for (var form = 1; form <= Depth; form++)
        {
            objects.Add(Stream(form < Depth ? "/X Do /X Do" : "BT /F1 12 Tf (x) Tj ET",
                $"/Type /XObject /Subtype /Form /BBox [0 0 600 700] /Resources << /Font << /F1 3 0 R >> /XObject << /X {6 + form} 0 R >> >>"));
        }

        return Assemble(objects);
    }

    /// <summary>A .docx whose body is this WordprocessingML.</summary>
    /// <param name="more">Further parts of the package by name.</param>
    public static byte[] Word(string body, params (string Name, string Content)[] more) => Zip(
        [
            ("[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"""),
            ("_rels/.rels", """
                <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
                Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>
                """),
            ("word/styles.xml", WordMain("styles",
                """<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift1"/></w:style><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>""")),
            ("word/document.xml", WordMain("document", $"<w:body>{body}</w:body>")),
            .. more,
        ]);

    public static string WordMain(string root, string content) =>
        $"""<?xml version="1.0" encoding="UTF-8"?><w:{root} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">{content}</w:{root}>""";

    public static string Paragraph(string text, string? style = null) =>
        $"""<w:p>{(style is null ? "" : $"""<w:pPr><w:pStyle w:val="{style}"/></w:pPr>""")}<w:r><w:t xml:space="preserve">{SecurityElement.Escape(text)}</w:t></w:r></w:p>""";

    public static byte[] Zip(params (string Name, string Content)[] parts)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in parts)
            {
                using var part = new StreamWriter(zip.CreateEntry(name, CompressionLevel.Fastest).Open(), new UTF8Encoding(false));
                part.Write(content);
            }
        }

        return file.ToArray();
    }

    /// <summary>A .docx of some hundred kilobytes that unpacks to as many megabytes of empty paragraphs as said.</summary>
    public static byte[] ZipBomb(int megabytes)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("[Content_Types].xml").Open().Dispose();
            using var part = zip.CreateEntry("word/document.xml", CompressionLevel.SmallestSize).Open();
            part.Write(Encoding.UTF8.GetBytes("""<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"""));
            var megabyte = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<w:p/>\n\n", 1 << 17)));
            for (var written = 0; written < megabytes; written++)
                part.Write(megabyte);
            part.Write("</w:body></w:document>"u8);
        }

        return file.ToArray();
    }

    private static string Page(int contents) =>
        $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >> /Contents {contents} 0 R >>";

    private static string Stream(string content, string entries = "") => $"<< /Length {content.Length} {entries} >>\nstream\n{content}\nendstream";

    private static byte[] Assemble(List<string> objects, string trailer = "")
    {
        var file = new StringBuilder("%PDF-1.4\n");
        var table = new StringBuilder();
        for (var number = 1; number <= objects.Count; number++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{file.Length:D10} 00000 n \n");
            file.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{objects[number - 1]}\nendobj\n");
        }

        var start = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n{table}trailer << /Size {objects.Count + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }
}
