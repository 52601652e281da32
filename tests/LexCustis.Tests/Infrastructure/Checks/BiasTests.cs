using LexCustis.Infrastructure.Checks;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class BiasTests
{
    [Theory]
    [InlineData("All immigrants are criminals.", "nationality", "generalization")]
    [InlineData("Women are too emotional to lead.", "sex", "demeaning")]
    [InlineData("Les femmes ne savent pas conduire.", "sex", "exclusion")]
    [InlineData("Ausländer sind kriminell.", "nationality", "demeaning")]
    [InlineData("Los gitanos siempre roban.", "ethnic_origin", "generalization")]
    [InlineData("Gli anziani sono inutili.", "age", "demeaning")]
    public void Finds(string text, string ground, string pattern)
    {
        var finding = Assert.Single(Bias.Find(text));
        Assert.Equal((ground, pattern), (finding.Ground, finding.Pattern));
    }

    [Theory]
    [InlineData("It is a myth that women are too emotional to lead.")]
    [InlineData("He wrote: \"All immigrants are criminals.\"")]
    [InlineData("According to Eurostat, 12 % of older people are at risk of poverty.")]
    [InlineData("Immigrants are not criminals.")]
    [InlineData("Women and men are equal before the law.")]
    public void Counter_speech_quotation_and_statistics_are_not_flagged(string text) => Assert.Empty(Bias.Find(text));
}
