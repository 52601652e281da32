using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Search;

/// <summary>From an uploaded file of each format to an answer that quotes it, and to nobody else.</summary>
public sealed class UploadedAnswerTests(SharedServer shared)
{
    private const string Fact = "The office plants are watered on the second Tuesday of each month.";
    private const string Question = "When are the office plants watered?";

    public static TheoryData<string> Formats => ["plants.txt", "plants.md", "plants.html", "plants.pdf", "plants.docx"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_file_of_each_format_is_answered_from_with_the_right_source_and_for_its_own_organization_alone(string name)
    {
        var (admin, other) = (await Api.RegisterAsync(shared.Server), await Api.RegisterAsync(shared.Server));
        var document = await admin.UploadAndWaitAsync(name, Path.GetExtension(name) switch
        {
            ".md" => System.Text.Encoding.UTF8.GetBytes($"# House rules\n\nKeep calm.\n\n## Plants\n\n{Fact}\n"),
            ".html" => System.Text.Encoding.UTF8.GetBytes($"<html><body><h1>House rules</h1><p>Keep calm.</p><h2>Plants</h2><p>{Fact}</p><script>alert('{Fact}')</script></body></html>"),
            ".pdf" => DocumentFiles.Pdf("Keep calm.", Fact),
            ".docx" => DocumentFiles.Word(DocumentFiles.Paragraph("House rules") + DocumentFiles.Paragraph(Fact)),
            _ => System.Text.Encoding.UTF8.GetBytes($"House rules\n\n{Fact}\n"),
        });
        Assert.True(document.Text("status") == "ready", document.GetRawText());

        var turn = await admin.ChatAsync(Question);
        Assert.Contains("second Tuesday", turn.Answer, StringComparison.Ordinal);
        var source = turn.Frame("sources").GetProperty("items").EnumerateArray().First();
        Assert.Equal((document.Text("id"), name), (source.Text("document"), source.Text("title")));
        Assert.Contains(Fact, source.Text("text"), StringComparison.Ordinal);
        Assert.Equal(source.Text("id"), turn.Frame("compliance").GetProperty("grounding").GetProperty("sentences")[0].Text("source"));

        // The passage that the documents' own route shows is the one that was quoted.
        var passage = (await admin.ReadPassagesAsync(document))[source.GetProperty("position").GetInt32()];
        Assert.Equal(source.Text("text"), passage.Text("text"));
        Assert.Equal(source.GetProperty("start").GetInt32(), passage.GetProperty("start").GetInt32());

        Assert.DoesNotContain("Tuesday", (await other.ChatAsync(Question)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Tuesday", (await other.PostAsync("/api/search", $$"""{"query":{{Api.Quote(Question)}},"limit":50}""")).Text, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }
}
