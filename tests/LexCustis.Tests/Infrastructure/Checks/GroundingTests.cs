using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class GroundingTests
{
    private static readonly Passage[] Sources =
    [
        new("d#0", "d", "Leave policy", "", 0, "Employees receive 28 days of paid leave. Leave is approved by Maria Keller.", 1, false),
        new("d#1", "d", "Travel policy", "", 1, "Trains are preferred. Flights under 500 km are not allowed.", 0.6, false),
    ];

    [Fact]
    public void A_supported_sentence_names_its_passage()
    {
        var sentence = Assert.Single(Grounding.Assess("Employees receive 28 days of paid leave.", Sources).Sentences);
        Assert.Equal("d#0", sentence.Source);
        Assert.True(sentence.Score > 0.9);
        Assert.Null(sentence.Unsupported);
    }

    [Fact]
    public void A_number_and_a_name_that_no_source_has_are_called_out()
    {
        const string Answer = "Employees receive 35 days of paid leave approved by Peter.";
        var sentence = Assert.Single(Grounding.Assess(Answer, Sources).Sentences);
        Assert.Equal(["35", "Peter"], sentence.Unsupported!.Select(f => Answer[f.Start..f.End]));
        Assert.True(sentence.Score < 0.5);
    }

    [Theory]
    [InlineData("Employees receive 28 days of paid leave [3].")]
    [InlineData("Employees receive 28 days of paid leave. [7]")]
    [InlineData("“Employees receive 28 days of paid leave.” [1, 12]")]
    [InlineData("[4] Employees receive 28 days of paid leave. [5][6]\n\nLeave is approved by Maria Keller [5–9].")]
    public void What_names_a_source_is_no_statement(string answer)
    {
        var report = Grounding.Assess(answer, Sources);
        Assert.Equal(1, report.Score, 2);
        Assert.All(report.Sentences, static sentence => Assert.Null(sentence.Unsupported));
        Assert.All(report.Sentences, sentence => Assert.Contains("leave", answer[sentence.Start..sentence.End], StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_year_in_brackets_is_a_number() =>
        Assert.NotNull(Assert.Single(Grounding.Assess("Employees receive 28 days of paid leave [2031].", Sources).Sentences).Unsupported);

    [Fact]
    public void A_turned_negation_halves_the_score()
    {
        var right = Grounding.Assess("Flights under 500 km are not allowed.", Sources);
        var wrong = Grounding.Assess("Flights under 500 km are allowed.", Sources);
        Assert.True(wrong.Score < right.Score * 0.6);
    }

    [Fact]
    public void Embeddings_support_a_paraphrase_that_shares_no_word()
    {
        const string Answer = "Hello! Staff may stay away from work. Rail is better.";
        var statements = Grounding.Statements(Answer).ConvertAll(s => Answer[s.Start..s.End]);
        double?[] Row(string statement) => statement.StartsWith("Staff", StringComparison.Ordinal) ? [0.8, 0.2] : [0.1, 0.1];
        double?[]?[] cosines = [.. statements.Select(Row)];
        Assert.All(Grounding.Assess(Answer, Sources).Sentences, s => Assert.Null(s.Source));
        var report = Grounding.Assess(Answer, Sources, cosines);
        Assert.Equal(statements, report.Sentences.Select(s => Answer[s.Start..s.End]));
        var staff = report.Sentences[statements.FindIndex(s => s.StartsWith("Staff", StringComparison.Ordinal))];
        Assert.Equal("d#0", staff.Source);
        Assert.Equal((0.32, 0.8), (staff.Score, staff.Cosine));
        Assert.Equal(statements.Count, report.ComparedByMeaning);
        Assert.Equal(staff.Score, TurnChecks.After("Leave?", Answer, Sources, cosines: cosines).Grounding.Sentences.Max(s => s.Score));
    }

    [Fact]
    public void A_growing_answer_gives_a_statement_as_soon_as_the_next_sentence_has_begun()
    {
        var growing = new GrowingStatements();
        Assert.Empty(growing.Append("Hm. Flights under 500 km are not allowed. "));
        var first = Assert.Single(growing.Append("Trains are preferred by those who look out of windows."));
        Assert.Equal(new Statement(4, 41, "Flights under 500 km are not allowed."), first);
        Assert.Equal("Trains are preferred by those who look out of windows.", Assert.Single(growing.End()).Text);
    }

    [Fact]
    public void A_statement_or_a_source_without_an_embedding_is_judged_by_words_alone()
    {
        const string Answer = "Staff may stay away from work. Rail is better. Employees receive 28 days of paid leave.";
        var words = Grounding.Assess(Answer, Sources);
        Assert.Equal((null, 0), (words.ComparedByMeaning, words.Sentences.Count(s => s.Cosine is not null)));

        var report = Grounding.Assess(Answer, Sources, [[null, 0.7], null, [null, 0.9]]);
        Assert.Equal(2, report.ComparedByMeaning);
        Assert.Equal(("d#1", 0.7, 0.28), (report.Sentences[0].Source, report.Sentences[0].Cosine, report.Sentences[0].Score));
        Assert.Equal(words.Sentences[1], report.Sentences[1]);
        // Another source is near by meaning, and the words are all in this one, whose meaning is not known.
        Assert.Equal(words.Sentences[2], report.Sentences[2]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1.0000001)]
    public void Meaning_takes_nothing_from_a_quotation(double cosine)
    {
        const string Answer = "Employees receive 28 days of paid leave.";
        var words = Assert.Single(Grounding.Assess(Answer, Sources).Sentences);
        var both = Assert.Single(Grounding.Assess(Answer, Sources, [[cosine, cosine]]).Sentences);
        Assert.Equal((words.Source, words.Score), (both.Source, both.Score));
    }

    [Fact]
    public void Cosines_of_another_answer_are_refused() =>
        Assert.Throws<ArgumentException>(() => Grounding.Assess("Flights under 500 km are not allowed.", Sources, [[0.5]]));

    [Fact]
    public void An_answer_without_statements_scores_one() => Assert.Equal(1, Grounding.Assess("", Sources).Score);

    [Fact]
    public void Confidence_falls_with_doubt_and_lists_its_reasons()
    {
        const string Question = "How many days of paid leave do employees receive?";
        const string Sure = "Employees receive 28 days of paid leave.";
        const string Unsure = "Perhaps employees receive 28 days of paid leave.";
        var sure = Confidence.Score(Question, Sure, Sources, Grounding.Assess(Sure, Sources));
        var unsure = Confidence.Score(Question, Unsure, Sources, Grounding.Assess(Unsure, Sources));
        Assert.InRange(unsure.Score, 0, sure.Score - 0.2);
        Assert.Contains(unsure.Reasons, r => r.StartsWith("Hedging", StringComparison.Ordinal));
    }
}
