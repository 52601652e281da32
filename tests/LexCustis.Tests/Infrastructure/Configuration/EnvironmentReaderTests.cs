using LexCustis.Infrastructure.Configuration;

namespace LexCustis.Tests.Infrastructure.Configuration;

public sealed class EnvironmentReaderTests
{
    [Fact]
    public async Task A_file_holds_what_the_variable_would_and_the_variable_wins()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "  from the file\n");
            Assert.Equal("from the file", Reader(("NAME_FILE", file)).Optional("NAME"));
            Assert.Equal("from the variable", Reader(("NAME_FILE", file), ("NAME", " from the variable ")).Optional("NAME"));
            Assert.Equal("from the file", Reader(("NAME_FILE", file), ("NAME", "  ")).Optional("NAME"));

            await File.WriteAllTextAsync(file, "\n");
            Assert.StartsWith("NAME_FILE: ", Assert.Throws<SettingException>(() => Reader(("NAME_FILE", file)).Optional("NAME")).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.StartsWith("NAME_FILE: ", Assert.Throws<SettingException>(() => Reader(("NAME_FILE", file)).Optional("NAME")).Message, StringComparison.Ordinal);
        Assert.StartsWith("NAME_FILE: ", Assert.Throws<SettingException>(() => Reader(("NAME_FILE", Path.GetTempPath())).Optional("NAME")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData(" 3 ", 3)]
    [InlineData("10", 10)]
    public void A_whole_number_within_its_bounds_is_read(string? text, int value) => Assert.Equal(value, Reader(("N", text)).Integer("N", 7, 1, 10));

    [Theory]
    [InlineData("0")]
    [InlineData("11")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("99999999999")]
    [InlineData("many")]
    public void A_number_out_of_its_bounds_is_named(string text) =>
        Assert.Equal("N: use a whole number from 1 to 10.", Assert.Throws<SettingException>(() => Reader(("N", text)).Integer("N", 7, 1, 10)).Message);

    [Theory]
    [InlineData("60", 60)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    public void A_duration_is_read(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Reader(("D", text)).Duration("D", TimeSpan.Zero));

    [Theory]
    [InlineData("0")]
    [InlineData("s")]
    [InlineData("5 minutes")]
    [InlineData("-1m")]
    public void A_duration_that_is_none_is_named(string text) =>
        Assert.StartsWith("D: ", Assert.Throws<SettingException>(() => Reader(("D", text)).Duration("D", TimeSpan.Zero)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_flag_is_true_false_or_named()
    {
        Assert.True(Reader(("F", "TRUE")).Boolean("F", false));
        Assert.False(Reader(("F", "no")).Boolean("F", true));
        Assert.True(Reader().Boolean("F", true));
        Assert.Equal("F: use true or false.", Assert.Throws<SettingException>(() => Reader(("F", "perhaps")).Boolean("F", true)).Message);
    }

    private static EnvironmentReader Reader(params (string Name, string? Value)[] variables) =>
        new(name => Array.Find(variables, variable => variable.Name == name).Value);
}
