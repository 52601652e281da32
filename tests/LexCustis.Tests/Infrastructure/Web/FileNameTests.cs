using LexCustis.Infrastructure.Web;

namespace LexCustis.Tests.Infrastructure.Web;

public sealed class FileNameTests
{
    [Fact]
    public void A_name_too_long_keeps_its_ending()
    {
        var name = FileName.Clean(new string('n', 400) + ".docx")!;
        Assert.Equal(255, name.Length);
        Assert.EndsWith("….docx", name, StringComparison.Ordinal);
        Assert.All((string[])["", "  ", "..", "a/", "\u202E\u200B"], static raw => Assert.Null(FileName.Clean(raw)));
    }
}
