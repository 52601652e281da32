using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Tests.Infrastructure.Text;

public sealed class SentenceCutterTests
{
    [Theory]
    [InlineData("See Art. 8 to 15. Then act on it.", "See Art. 8 to 15.|Then act on it.")]
    [InlineData("It talks (Art. 50(1)). This is clear.", "It talks (Art. 50(1)).|This is clear.")]
    [InlineData("Ab dem 2. August gilt es, z. B. Art. 5. Danach nicht.", "Ab dem 2. August gilt es, z. B. Art. 5.|Danach nicht.")]
    [InlineData("Es gilt ab dem 12. Oktober. Im 2. Halbjahr mehr, bis Seite 12. Danach nicht.", "Es gilt ab dem 12. Oktober.|Im 2. Halbjahr mehr, bis Seite 12.|Danach nicht.")]
    [InlineData("1. Write it. 2. Sign it.", "1. Write it.|2. Sign it.")]
    [InlineData("Prices fell by 3.5 % then! Really? Yes…", "Prices fell by 3.5 % then!|Really?|Yes…")]
    [InlineData("He said “no.” Then he left", "He said “no.”|Then he left")]
    [InlineData("One line\nanother line\r\n\r\n- a third", "One line|another line|a third")]
    [InlineData("a; b", "a; b")]
    [InlineData(" … !! ", "")]
    public void Cuts_where_a_sentence_ends(string text, string sentences) => Assert.Equal(sentences, string.Join('|', Cut(text, clauses: false)));

    [Fact]
    public void Clauses_end_at_semicolons_where_they_are_asked_for() => Assert.Equal(["a;", "b;c"], Cut("a; b;c", clauses: true));

    [Fact]
    public void What_another_sentence_follows_is_settled_however_the_text_goes_on() =>
        Prop.ForAll(
            Gen.Elements("The ", "log ", "Ähre", "art", "No", "am ", "dem ", "3", "12", "a", ".", ". ", "! ", "?", "…", "; ", "\n", ")", "”", "\u00A0", "August ", "z. B. ", "漢", "\uD83D\uDE00")
                .ListOf().Select(parts => string.Concat(parts)).ToArbitrary(),
            text => Enumerable.Range(0, text.Length).All(length =>
            {
                var (begun, whole) = (Cut(text[..length], clauses: true), Cut(text, clauses: true));
                return begun.SkipLast(1).SequenceEqual(whole.Take(Math.Max(0, begun.Count - 1)));
            })).QuickCheckThrowOnFailure();

    private static List<string> Cut(string text, bool clauses)
    {
        var sentences = new List<string>();
        var cut = new SentenceCutter(text, clauses);
        while (cut.MoveNext())
            sentences.Add(text[cut.Start..cut.End]);
        return sentences;
    }
}
