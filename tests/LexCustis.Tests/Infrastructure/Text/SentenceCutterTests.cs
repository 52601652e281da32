using LexCustis.Infrastructure.Text;

namespace LexCustis.Tests.Infrastructure.Text;

public sealed class SentenceCutterTests
{
    [Theory]
    [InlineData("See Art. 8 to 15. Then act on it.", "See Art. 8 to 15.|Then act on it.")]
    [InlineData("It talks (Art. 50(1)). This is clear.", "It talks (Art. 50(1)).|This is clear.")]
    [InlineData("Ab dem 2. August gilt es, z. B. Art. 5. Danach nicht.", "Ab dem 2. August gilt es, z. B. Art. 5.|Danach nicht.")]
    [InlineData("Prices fell by 3.5 % then! Really? Yes…", "Prices fell by 3.5 % then!|Really?|Yes…")]
    [InlineData("He said “no.” Then he left", "He said “no.”|Then he left")]
    [InlineData("One line\nanother line\r\n\r\n- a third", "One line|another line|a third")]
    [InlineData("a; b", "a; b")]
    [InlineData(" … !! ", "")]
    public void Cuts_where_a_sentence_ends(string text, string sentences) => Assert.Equal(sentences, Cut(text, clauses: false));

    [Fact]
    public void Clauses_end_at_semicolons_where_they_are_asked_for() => Assert.Equal("a;|b;c", Cut("a; b;c", clauses: true));

    private static string Cut(string text, bool clauses)
    {
        var sentences = new List<string>();
        var cut = new SentenceCutter(text, clauses);
        while (cut.MoveNext())
            sentences.Add(text[cut.Start..cut.End]);
        return string.Join('|', sentences);
    }
}
