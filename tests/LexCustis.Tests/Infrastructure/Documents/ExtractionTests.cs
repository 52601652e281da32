using System.Text;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Documents.Extraction;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Documents;

public sealed class ExtractionTests
{
    private const int Limit = 100_000;

    [Theory]
    [InlineData("<p>one<p>two", "one\n\ntwo")]
    [InlineData("<div>one<div>two</div>three</div>", "one\n\ntwo\n\nthree")]
    [InlineData("a <b>b</b><i>c</i>\n d", "a bc d")]
    [InlineData("one<br>two<br/>three", "one\ntwo\nthree")]
    [InlineData("<pre>  if x:\n    y</pre>", "if x:\ny")]
    [InlineData("<ul><li>one</li><li><p>two</p></li></ul>after", "- one\n\ntwo\n\nafter")]
    [InlineData("<table><tr><th>A</th><th>B</th></tr>\n<tr>\n<td>1</td>\n<td>2</td></tr></table>", "A | B\n1 | 2")]
    [InlineData("1 &lt; 2 &amp; 3 &gt; 2 &euro; &#x1F642; &nosuch;", "1 < 2 & 3 > 2 € 🙂 &nosuch;")]
    [InlineData("a < b and c <3", "a < b and c <3")]
    [InlineData("x<!-- <p>no</p> -- > no -->y<!DOCTYPE z>", "xy")]
    [InlineData("<script>if (a </b> c) '</scrip'</script x>yes<SCRIPT>no", "yes")]
    [InlineData("<style>p::after { content: '</p>' }</style>yes<template><p>no</p></template>", "yes")]
    [InlineData("<div hidden>no<p>no</p></div>yes<span aria-hidden=true>no</span><b style='x:y; DISPLAY:\tnone'>no</b>", "yes")]
    [InlineData("<p hidden>no<div>yes</div>", "yes")]
    [InlineData("<svg><path d='<p>'/><text>no</text></svg><svg/>yes", "yes")]
    [InlineData("<a title='x > y' href=\"</p>\">yes</a>", "yes")]
    [InlineData("<head><title>no</title><meta x><div>yes</div>", "yes")]
    [InlineData("</div></p>yes</b></b>", "yes")]
    [InlineData("<p title='never ends", "")]
    [InlineData("yes<", "yes<")]
    public void HTML_is_read_as_a_browser_shows_it(string html, string text) => Assert.Equal(text, HtmlText.Read(Encoding.UTF8.GetBytes(html), Limit).Text);

    [Fact]
    public void Headings_of_HTML_and_Markdown_are_told_apart()
    {
        var html = HtmlText.Read("<h1>One <b>two</b></h1>x<h3>Three</h3>y"u8.ToArray(), Limit);
        Assert.Equal([("One two", 1), ("Three", 3)], html.Headings.Select(heading => (html.Text[heading.Start..heading.End], heading.Level)));

        var markdown = MarkdownText.Read(Encoding.UTF8.GetBytes("# One #\ntext\n\nTwo\n---\n```sh\n# no heading\n```\n#no\n- item\n---\n### Three\n"), Limit);
        Assert.Equal([("One", 1), ("Two", 2), ("Three", 3)], markdown.Headings.Select(heading => (markdown.Text[heading.Start..heading.End], heading.Level)));
        Assert.Contains("# no heading", markdown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Word_is_read_as_it_is_printed()
    {
        var file = DocumentFiles.Word(
            """
            <w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Title</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">One </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val="false"/></w:rPr><w:t>two</w:t></w:r>
            <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:ins><w:r><w:t>, three</w:t></w:r></w:ins><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>
            <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>item</w:t><w:br/><w:t>more</w:t></w:r></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p><w:p><w:r><w:t>C</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
            <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>new</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>old</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>
            """,
            ("word/footnotes.xml", DocumentFiles.WordMain("footnotes",
                """<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>no</w:t></w:r></w:p></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>""")));

        var text = WordText.Read(file, Limit);

        Assert.Equal("Title\n\nOne two, three (A note.)\n- item\nmore\nA | B C\n\nnew", text.Text);
        Assert.Equal(new Heading(0, 5, 1), Assert.Single(text.Headings));
    }

    [Fact]
    public void Encodings_are_told_apart()
    {
        const string Text = "Die Größe ist 5 €, so „sagt“ man.";
        byte[] windows = [.. "Die Gr"u8, 0xF6, 0xDF, .. "e ist 5 "u8, 0x80, .. ", so "u8, 0x84, .. "sagt"u8, 0x93, .. " man."u8];
        foreach (var bytes in (byte[][])
            [
                Encoding.UTF8.GetBytes(Text), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Text)], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)],
                [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Text)], windows,
            ])
        {
            Assert.Equal(Text, TextEncoding.Decode(bytes));
        }

        foreach (var bytes in (byte[][])[[.. "undefined in Windows-1252: "u8, 0x81], [0xEF, 0xBB, 0xBF, 0xFF], [0xFF, 0xFE, 0x41], [0xD0, 0xD2, 0xC9], [0x41, 0x00, 0x42, 0x00]])
            Assert.Equal("wrong_encoding", Assert.Throws<UnreadableDocumentException>(() => TextEncoding.Decode(bytes)).Reason.Code);
    }

    [Theory]
    [InlineData("ﬁne ２０２６", "fine 2026")]
    [InlineData("Gru\u0308n", "Grün")]
    [InlineData("a\u0000b\u0007c\u009Dd", "abcd")]
    [InlineData("pay\u202Elive\u202C\u2066x\u2069", "paylivex")]
    [InlineData("say\U000E0041\U000E0042 it\u200B\uFEFF", "say it")]
    [InlineData("docu\u00ADment", "document")]
    [InlineData("  a \t\u00A0b  \n   c\n\n\n\nd  ", "a b\nc\n\nd")]
    [InlineData("می\u200Cخواهم \u200F", "می\u200Cخواهم \u200F")]
    public void Text_is_cleaned(string raw, string clean) => Assert.Equal(clean, TextBuilder.Clean(raw));

    [Fact]
    public void Pages_begin_where_their_first_word_stands()
    {
        var builder = new TextBuilder(Limit);
        foreach (var page in (string[])["", "second", "third", "", "fifth", ""])
        {
            builder.BeginPage();
            builder.AppendBlock(page);
        }

        var text = builder.Build();
        Assert.Equal(6, text.PageStarts.Count);
        Assert.Equal((2, 3, 5), (text.PageOf(0), text.PageOf(text.Text.IndexOf("third", StringComparison.Ordinal)), text.PageOf(text.Text.IndexOf("fifth", StringComparison.Ordinal))));
    }
}
