using LexCustis.Infrastructure.Web;

namespace LexCustis.Tests.Infrastructure.Web;

public sealed class PageTests
{
    [Fact]
    public void The_row_too_many_becomes_the_cursor_of_the_next_page()
    {
        var page = Page.Read(null, "2");
        List<Guid> rows = [new("00000000-0000-7000-8000-000000000001"), new("00000000-0000-7000-8000-000000000002"), new("00000000-0000-7000-8000-000000000003")];

        Assert.Equal(rows[..2], page.Cut(rows));
        Assert.Equal(rows[1].ToString(), page.Next(rows, static row => row));
        Assert.Null(page.Next(rows[..2], static row => row));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f", "500", false)]
    [InlineData("1", null, true)]
    [InlineData(null, "501", true)]
    [InlineData(null, "", true)]
    public void Parameters_out_of_bounds_are_a_problem(string? cursor, string? limit, bool problem) => Assert.Equal(problem, Page.Read(cursor, limit).Problem is not null);
}
