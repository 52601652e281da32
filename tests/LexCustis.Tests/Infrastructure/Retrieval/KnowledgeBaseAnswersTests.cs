using System.Runtime.CompilerServices;
using System.Text.Json;
using LexCustis.Infrastructure.Llm.Extractive;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Retrieval;

/// <summary>The English questions of tests/Evaluation, asked of the real full-text search and of the provider that needs no model.</summary>
public sealed class KnowledgeBaseAnswersTests(SharedServer shared)
{
    [Fact]
    public async Task Most_questions_find_their_page_and_most_answers_say_what_was_asked()
    {
        Assert.True(DatabaseUrl.TryParse(shared.Server.Database.ApplicationUrl, out var url, out var reason), reason);
        await using var source = PostgresServices.Open(url);
        var found = new List<string>();
        var answered = new List<string>();
        var missed = new List<string>();
        var questions = ReadQuestions();
        Assert.Equal(60, questions.Count);
        var retriever = Retrievers.Lexical(source);
        foreach (var question in questions)
        {
            var passages = (await retriever.FindAsync(Guid.NewGuid(), question.Text, limit: 6, TestContext.Current.CancellationToken)).Passages;
            var answer = ExtractiveAnswer.Compose(question.Text, passages);
            if (passages.Take(5).Any(passage => question.Pages.Contains(passage.Document)))
                found.Add(question.Id);
            else
                missed.Add($"not found: {question.Text} ({string.Join(", ", passages.Select(static passage => passage.Id))})");
            if (question.Answers.Exists(text => answer.Contains(text, StringComparison.Ordinal)))
                answered.Add(question.Id);
            else
                missed.Add($"not answered: {question.Text} => {answer} (wanted: {string.Join(" or ", question.Answers)})");
        }

        var figures = $"found {found.Count}, answered {answered.Count} of {questions.Count}\n{string.Join('\n', missed)}";
        // Reached when this was written: 57 and 46. Lower the floors for no change that is meant to help.
        Assert.True(found.Count >= 55 && answered.Count >= 44, figures);
    }

    private static List<Question> ReadQuestions([CallerFilePath] string here = "") =>
        [.. File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "../../../Evaluation/kb-questions.jsonl"))
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static line => line.Text("language") == "en")
            .Select(static line => new Question(
                line.Text("id"),
                line.Text("question"),
                [.. (line.TryGetProperty("pages", out var pages) ? pages.EnumerateArray().ToArray() : [line.GetProperty("page")]).Select(static page => $"kb/{page.GetString()}")],
                [.. line.GetProperty("answer_contains").EnumerateArray().Select(static text => text.GetString()!)]))];

    private sealed record Question(string Id, string Text, List<string> Pages, List<string> Answers);
}
