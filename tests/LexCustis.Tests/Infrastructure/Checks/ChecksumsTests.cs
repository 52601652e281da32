using LexCustis.Infrastructure.Checks;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class ChecksumsTests
{
    // Published examples of each rule.
    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("79927398713")]
    public void Luhn(string number) => OnlyThisLastDigit(number, s => Checksums.Luhn(s));

    [Theory]
    [InlineData("2363")]
    [InlineData("758722")]
    public void Verhoeff(string number) => OnlyThisLastDigit(number, s => Checksums.Verhoeff(s));

    [Theory]
    [InlineData("86095742719")]
    [InlineData("33392005961")]
    public void Iso_7064_mod_11_10(string number) => OnlyThisLastDigit(number, s => Checksums.Mod11Then10(s));

    [Theory]
    [InlineData("ATU13585627")]
    [InlineData("BE0428759497")]
    [InlineData("CY10259033P")]
    [InlineData("CZ25123891")]
    [InlineData("DE136695976")]
    [InlineData("DK13585628")]
    [InlineData("EE100931558")]
    [InlineData("EL094259216")]
    [InlineData("ESB58378431")]
    [InlineData("FI20774740")]
    [InlineData("FR40303265045")]
    [InlineData("HR33392005961")]
    [InlineData("HU12892312")]
    [InlineData("IE6433435F")]
    [InlineData("IT00743110157")]
    [InlineData("LT119511515")]
    [InlineData("LU15027442")]
    [InlineData("LV40003521600")]
    [InlineData("MT11679112")]
    [InlineData("NL004495445B01")]
    [InlineData("PL8567346215")]
    [InlineData("PT501964843")]
    [InlineData("RO18547290")]
    [InlineData("SE123456789701")]
    [InlineData("SI50223054")]
    [InlineData("SK2022749619")]
    [InlineData("BG175074752")]
    [InlineData("CHE100155212")]
    public void Vat_number_of_every_member(string number) => Assert.True(VatNumbers.IsValid(number));

    private static void OnlyThisLastDigit(string number, Func<string, bool> check)
    {
        for (var digit = '0'; digit <= '9'; digit++)
            Assert.Equal(digit == number[^1], check(number[..^1] + digit));
    }
}
