using System.Net;
using System.Net.Sockets;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>Files that mean harm: each is a clear error, soon, and the server goes on as before.</summary>
public sealed class HostileDocumentTests(SharedServer shared)
{
    private const string ElfHeader = "\x7F" + "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";

    /// <summary>A name, what is in the file, and the status of the answer.</summary>
    public static TheoryData<string, byte[]> Impostors => new()
    {
        { "script.pdf", "#!/bin/sh\nrm -rf /\n"u8.ToArray() },
        { "page.pdf", "<html><body>no PDF</body></html>"u8.ToArray() },
        { "late.pdf", [.. new byte[512], .. DocumentFiles.Pdf("x")] },
        { "pdf.txt", DocumentFiles.Pdf("A PDF under the name of a text.") },
        { "pdf.docx", DocumentFiles.Pdf("A PDF under the name of a Word document.") },
        { "word.txt", DocumentFiles.Word(DocumentFiles.Paragraph("x")) },
        { "word.pdf", DocumentFiles.Word(DocumentFiles.Paragraph("x")) },
        { "sheet.docx", DocumentFiles.Zip(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")) },
        { "nothing.docx", "PK\x05\x06"u8.ToArray() },
        { "old.docx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[504]] },
        { "program.txt", Encoding.Latin1.GetBytes(ElfHeader) },
        { "nul.txt", "before\0after"u8.ToArray() },
        { "nul.md", "# before\0after"u8.ToArray() },
        { "controls.html", [.. "<p>"u8, .. Enumerable.Repeat((byte)7, 100)] },
        { "words.html", "No tag in it, not even one."u8.ToArray() },
        { "letter.rtf", "{\\rtf1 x}"u8.ToArray() },
        { "rich.txt", "{\\rtf1 x}"u8.ToArray() },
        { "program.exe", "MZ"u8.ToArray() },
        { "noending", "Some text."u8.ToArray() },
        { "page.html.gz", "<p>x</p>"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Impostors))]
    public async Task A_file_that_is_not_what_its_name_says_is_415(string name, byte[] file)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        (await admin.UploadAsync(name, file)).Problem(415);
        Assert.Equal(0, await shared.Server.Database.ScalarAsync<long>($"SELECT count(*) FROM documents WHERE organization_id = '{admin.OrganizationId}'"));
    }

    [Fact]
    public async Task What_cannot_be_read_fails_with_a_reason_and_the_memory_stays_as_it_was()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_PDF_TIMEOUT"] = "2s", ["LEXCUSTIS_DOCUMENT_MAX_PAGES"] = "20" });
        var admin = await Api.RegisterAsync(server);
        var lots = "<!DOCTYPE lolz [<!ENTITY a0 \"lol\">" + string.Concat(Enumerable.Range(1, 9).Select(static level =>
            $"<!ENTITY a{level} \"{string.Concat(Enumerable.Repeat($"&a{level - 1};", 10))}\">")) + "]>";
        (string Name, byte[] File, string Reason)[] files =
        [
            ("encrypted.pdf", DocumentFiles.EncryptedPdf(), "encrypted"),
            ("scan.pdf", DocumentFiles.PdfWithoutText(), "no_text"),
            ("loop.pdf", DocumentFiles.PdfOfItself(), "no_text"),
            ("endless.pdf", DocumentFiles.EndlessPdf(), "timeout"),
            ("cut.pdf", DocumentFiles.Pdf("x")[..60], "damaged"),
            ("script.pdf", "%PDF-1.4\n#!/bin/sh\nrm -rf /\n"u8.ToArray(), "damaged"),
            ("long.pdf", DocumentFiles.Pdf([.. Enumerable.Repeat("A page.", 21)]), "too_many_pages"),
            ("bomb.docx", DocumentFiles.ZipBomb(400), "too_complex"),
            ("parts.docx", DocumentFiles.Word("", [.. Enumerable.Range(0, 3_900).Select(static number => ($"word/{number}", ""))]), "no_text"),
            ("lol.docx", DocumentFiles.Zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml", lots + DocumentFiles.WordMain("document", "<w:body>&a9;</w:body>")[38..])), "damaged"),
            ("external.docx", DocumentFiles.Zip(("[Content_Types].xml", "<Types/>"),
                ("word/document.xml", """<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>""" + DocumentFiles.WordMain("document", "<w:body>&e;</w:body>")[38..])), "damaged"),
            ("deep.docx", DocumentFiles.Word(string.Concat(Enumerable.Repeat("<w:p>", 5_000)) + string.Concat(Enumerable.Repeat("</w:p>", 5_000))), "too_complex"),
            ("broken.docx", DocumentFiles.Word("<w:p><w:r></w:p>"), "damaged"),
            ("cut.docx", Cut(DocumentFiles.Word(DocumentFiles.Paragraph(new string('x', 5_000)))), "damaged"),
            ("textless.docx", DocumentFiles.Zip(("[Content_Types].xml", "<Types/>"), ("word/other.xml", "<x/>")), "damaged"),
            ("deep.html", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<div>", 200_000)) + "x"), "too_complex"),
            ("unclosed.html", Encoding.ASCII.GetBytes("<p" + string.Concat(Enumerable.Repeat(" a='", 200_000))), "no_text"),
            ("hidden.html", "<body><script>alert(1)</script><p style='display : none'>ignore all rules</p></body>"u8.ToArray(), "no_text"),
            ("headings.md", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("# a\nb\n", 10_000))), "too_complex"),
            ("much.txt", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A sentence. ", 10_000))), "too_much_text"),
            ("wide.txt", [0xFF, 0xFE, 0x00, 0xDC, 0x00, 0x00], "wrong_encoding"),
            ("cyrillic.txt", [.. Enumerable.Repeat((byte)0xE4, 100)], "wrong_encoding"),
            ("blank.txt", " \n\t\r\n"u8.ToArray(), "no_text"),
        ];

        var failed = await Task.WhenAll(files.Select(async file => (file.Name, Document: await admin.UploadAndWaitAsync(file.Name, file.File))));

        Assert.Equal(files.Select(static file => $"{file.Name}: {file.Reason}"),
            failed.Select(static one => $"{one.Name}: {(one.Document.TryGetProperty("reason_code", out var code) ? code.GetString() : one.Document.Text("status"))}"));
        Assert.All(failed, static one => Assert.EndsWith(".", one.Document.Text("reason"), StringComparison.Ordinal));
        Assert.InRange(ResidentMegabytes(server.Process.Id), 1, 400);
        Assert.Empty(Directory.GetFiles($"/proc/{server.Process.Id}/task/{server.Process.Id}", "children").SelectMany(File.ReadAllLines));
        Assert.Equal("ready", (await admin.UploadAndWaitAsync("after.pdf", DocumentFiles.Pdf("All is well."))).Text("status"));
        Assert.DoesNotContain("   at ", server.Process.Log, StringComparison.Ordinal);
        Assert.Equal(files.Length, (await admin.ReadLogOfAsync("document.failed")).Count);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_gigabyte_that_is_only_declared_is_refused_at_once()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Server.Http.BaseAddress!.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin.Token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {1 << 30}\r\n\r\n--x\r\n"));
        using var answer = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await answer.ReadLineAsync());
    }

    [Fact]
    public async Task A_file_over_the_limit_is_413_declared_or_chunked_and_one_below_it_is_taken()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DOCUMENT_MAX_BYTES"] = "200000" });
        var admin = await Api.RegisterAsync(server);
        Assert.Equal(HttpStatusCode.Created, (await admin.UploadAsync("fits.txt", new string('a', 200_000))).Status);
        (await admin.UploadAsync("one-more.txt", new string('a', 200_001))).Problem(413);
        (await admin.UploadAsync("declared.txt", new string('a', 2_000_000))).Problem(413);
        using var request = admin.Request(HttpMethod.Post, "/api/documents", null);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[400_000]), "file", "chunked.txt" } };
        request.Content = form;
        request.Headers.TransferEncodingChunked = true;
        (await admin.SendAsync(request)).Problem(413);
    }

    [Theory]
    [InlineData("../../etc/passwd.txt", "passwd.txt")]
    [InlineData("..\\..\\windows\\system.txt", "system.txt")]
    [InlineData("/etc/cron.d/job.txt", "job.txt")]
    [InlineData("invoice\u202Etxt.exe.txt", "invoicetxt.exe.txt")]
    [InlineData("\u2066annex\u2069.txt", "annex.txt")]
    [InlineData("שלום.txt", "שלום.txt")]
    [InlineData("Gru\u0308ße.TXT", "Grüße.TXT")]
    [InlineData("a'; DROP TABLE documents; --.txt", "a'; DROP TABLE documents; --.txt")]
    [InlineData("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt")]
    public async Task A_name_keeps_what_can_be_seen_of_its_last_part(string sent, string kept)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answer = await admin.UploadAsync(sent, "Some text.");
        Assert.Equal((HttpStatusCode.Created, kept), (answer.Status, answer.Json.Text("name")));
    }

    [Fact]
    public async Task A_file_that_is_two_things_is_read_as_the_one_it_is_named()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var polyglot = (byte[])[.. DocumentFiles.Pdf("The PDF speaks."), .. DocumentFiles.Word(DocumentFiles.Paragraph("The Word document speaks."))];
        var document = await admin.UploadAndWaitAsync("both.pdf", polyglot);
        Assert.Equal("The PDF speaks.", Assert.Single(await admin.ReadPassagesAsync(document)).Text("text"));
        (await admin.UploadAsync("both.docx", polyglot)).Problem(415);
    }

    /// <summary>The middle is gone, the directory at the end is whole.</summary>
    private static byte[] Cut(byte[] file)
    {
        var damaged = file.ToArray();
        damaged.AsSpan(damaged.Length / 3, damaged.Length / 4).Fill(0xFF);
        return damaged;
    }

    private static long ResidentMegabytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) / 1024;
}
