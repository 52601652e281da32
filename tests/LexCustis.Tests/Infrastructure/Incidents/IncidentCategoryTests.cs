using System.Globalization;
using LexCustis.Infrastructure.Incidents;

namespace LexCustis.Tests.Infrastructure.Incidents;

public sealed class IncidentCategoryTests
{
    /// <summary>Computed by hand: leap days, ends of years, changes of clocks, offsets; days are of 24 hours, in UTC.</summary>
    [Theory]
    [InlineData("other", "2026-11-22T09:15:00Z", "2026-12-07T09:15:00Z")]
    [InlineData("serious_health_harm", "2026-12-20T23:59:59Z", "2027-01-04T23:59:59Z")]
    [InlineData("fundamental_rights", "2027-02-14T00:00:00Z", "2027-03-01T00:00:00Z")]
    [InlineData("fundamental_rights", "2028-02-14T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("property_or_environment", "2028-02-28T12:00:00Z", "2028-03-14T12:00:00Z")]
    [InlineData("death", "2028-02-20T12:00:00Z", "2028-03-01T12:00:00Z")]
    [InlineData("death", "2027-02-20T12:00:00Z", "2027-03-02T12:00:00Z")]
    // Clocks in the Union go forward on 28 March 2027 and back on 31 October 2027, at 01:00 UTC: neither moves it.
    [InlineData("critical_infrastructure", "2027-03-27T02:30:00+01:00", "2027-03-29T01:30:00Z")]
    [InlineData("widespread_infringement", "2027-10-30T02:30:00+02:00", "2027-11-01T00:30:00Z")]
    [InlineData("critical_infrastructure", "2026-12-31T23:30:00-10:00", "2027-01-03T09:30:00Z")]
    [InlineData("widespread_infringement", "2027-01-01T00:30:00+14:00", "2027-01-02T10:30:00Z")]
    public void The_deadline_runs_from_awareness(string category, string awareAt, string deadline) => Assert.Equal(
        DateTimeOffset.Parse(deadline, CultureInfo.InvariantCulture), IncidentCategory.DeadlineOf(category, DateTimeOffset.Parse(awareAt, CultureInfo.InvariantCulture)));

    [Fact]
    public void Every_category_has_its_days_and_their_article()
    {
        Assert.Equal(
            ["death 10 Art. 73(4)", "serious_health_harm 15 Art. 73(2)", "critical_infrastructure 2 Art. 73(3)", "widespread_infringement 2 Art. 73(3)",
                "fundamental_rights 15 Art. 73(2)", "property_or_environment 15 Art. 73(2)", "other 15 Art. 73(2)"],
            IncidentCategory.All.Select(static category => $"{category} {IncidentCategory.DaysOf(category)} {IncidentCategory.ArticleOf(category)}"));
    }
}
