using System.Runtime.CompilerServices;
using System.Text.Json;
using LexCustis.Infrastructure.Llm.Extractive;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Retrieval;

/// <summary>The questions of tests/Evaluation, asked of the real full-text search and of the provider that needs no model.</summary>
public sealed class KnowledgeBaseAnswersTests(SharedServer shared)
{
    // Reached when this was written: 56 and 45, 15 and 10, 15 and 8, 39 and 23. Lower the floors for no change that is meant to help.
    [Theory]
    [InlineData("kb-en", 60, 55, 44)]
    [InlineData("kb-fr", 15, 14, 9)]
    [InlineData("kb-de", 15, 14, 7)]
    [InlineData("unseen", 48, 37, 21)]
    public async Task Most_questions_find_their_page_and_most_answers_say_what_was_asked(string set, int count, int leastFound, int leastAnswered)
    {
        Assert.True(DatabaseUrl.TryParse(shared.Server.Database.ApplicationUrl, out var url, out var reason), reason);
        await using var source = PostgresServices.Open(url);
        var found = new List<string>();
        var answered = new List<string>();
        var missed = new List<string>();
        var questions = ReadQuestions(set);
        Assert.Equal(count, questions.Count);
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

        var figures = $"{set}: found {found.Count}, answered {answered.Count} of {questions.Count}\n{string.Join('\n', missed)}";
        Assert.True(found.Count >= leastFound && answered.Count >= leastAnswered, figures);
    }

    private static List<Question> ReadQuestions(string set)
    {
        var seen = Read("kb-questions.jsonl").ToDictionary(static line => line.Text("id"), static line => new Question(
            line.Text("id"),
            line.Text("question"),
            [.. (line.TryGetProperty("pages", out var pages) ? pages.EnumerateArray().ToArray() : [line.GetProperty("page")]).Select(static page => $"kb/{page.GetString()}")],
            [.. line.GetProperty("answer_contains").EnumerateArray().Select(static text => text.GetString()!)]), StringComparer.Ordinal);
        return set == "unseen"
            ? [.. Read("kb-questions-unseen.jsonl").Select(line => seen[line.Text("as")] with { Id = line.Text("id"), Text = line.Text("question") })]
            : [.. seen.Values.Where(question => question.Id.StartsWith(set, StringComparison.Ordinal))];
    }

    private static IEnumerable<JsonElement> Read(string file, [CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "../../../Evaluation", file)).Select(static line => JsonDocument.Parse(line).RootElement);

    private sealed record Question(string Id, string Text, List<string> Pages, List<string> Answers);
}
