using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Retrieval;

public sealed class QuestionWordsTests
{
    [Fact]
    public void The_rarest_words_choose_the_candidates_and_the_frequent_ones_only_rank()
    {
        var words = new QuestionWords([Word("lease", 1, 40), Word("notic", 2, 90), Word("period", 3, 200), Word("contract", 4, 60_000)], 100_000);
        Assert.Equal("'lease' | 'notic'", words.Wanted);
        Assert.Equal(["'lease'", "'notic'", "'period'", "'contract'"], words.Queries);
        Assert.Equal(words.Weights.OrderDescending(), words.Weights);
    }

    [Fact]
    public void Where_all_are_frequent_the_two_rarest_must_stand_together()
    {
        Assert.Equal("('b') & ('a')", new QuestionWords([Word("a", 1, 9_000), Word("b", 2, 8_000), Word("c", 3, 50_000)], 100_000).Wanted);
        Assert.Equal("'a'", new QuestionWords([Word("a", 1, 9_000)], 100_000).Wanted);
    }

    [Fact]
    public void The_language_that_drops_most_is_the_questions_own_and_what_it_drops_is_no_word()
    {
        // "wie lang ist die frist": German drops all but two, English none.
        Lexeme[] lexemes =
        [
            .. new[] { "wie", "lang", "ist", "die", "frist" }.Select(static (text, at) => new Lexeme("english", text, at + 1, 1)),
            new Lexeme("german", "lang", 2, 5), new Lexeme("german", "fris", 5, 3),
        ];
        Assert.Equal(["'fris' | 'frist'", "'lang'"], new QuestionWords(lexemes, 100).Queries);
    }

    [Fact]
    public void Words_that_no_passage_has_are_not_looked_up_but_count_in_what_could_be_reached()
    {
        var words = new QuestionWords([Word("known", 1, 3), Word("unheard", 2, 0)], 100);
        Assert.Equal(["'known'"], words.Queries);
        Assert.Equal(QuestionWords.WeightOf(100, 3) + QuestionWords.WeightOf(100, 0), words.Weight, 9);
        Assert.Null(new QuestionWords([Word("unheard", 1, 0)], 100).Wanted);
        Assert.Null(new QuestionWords([], 0).Wanted);
    }

    [Fact]
    public void Quotes_and_backslashes_stay_inside_a_word() =>
        Assert.Equal("'a''b\\\\c'", new QuestionWords([Word("a'b\\c", 1, 1)], 10).Wanted);

    [Fact]
    public void A_question_of_hundreds_of_words_looks_up_the_rarest()
    {
        var words = new QuestionWords([.. Enumerable.Range(1, 500).Select(static i => Word($"w{i}", i, i))], 1_000);
        Assert.Equal(32, words.Queries.Length);
        Assert.Equal("'w1'", words.Queries[0]);
    }

    private static Lexeme Word(string text, int position, long passages) => new("english", text, position, passages);
}
