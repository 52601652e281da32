using System.Text;
using LexCustis.Infrastructure.Monitoring;

namespace LexCustis.Tests.Infrastructure.Monitoring;

public sealed class LogSumsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_tally_knows_its_middle_and_its_ranks()
    {
        var tally = new Tally();
        Assert.Equal((null, null, null), (tally.Mean(), tally.Median(), tally.Percentile(0.5)));
        foreach (var value in (int[])[7, 1, 3, 10])
            tally.Add(value);
        Assert.Equal((5.25, 5, 3, 10), (tally.Mean(), tally.Median(), tally.Percentile(0.5), tally.Percentile(0.95)));
        tally.Add(3);
        Assert.Equal((3, 3), (tally.Median(), tally.Percentile(0.5)));
    }

    [Fact]
    public void Entries_are_counted_on_the_day_that_their_clock_says_in_UTC()
    {
        var sums = new LogSums();
        Add(sums, Noon.Date.AddTicks(-1), "chat.completed", """{"outcome":"completed","provider":"p","model":"m"}""");
        Add(sums, Noon.Date, "chat.completed", """{"outcome":"timeout","provider":"p","model":"m"}""");
        Assert.Equal(["2026-11-21 completed", "2026-11-22 timeout"], sums.Days.Select(static day => $"{day.Day:yyyy-MM-dd} {Assert.Single(day.Models).Outcomes.Single().Key}"));
    }

    [Fact]
    public void Scores_count_where_there_was_an_answer_and_times_keep_three_digits()
    {
        var sums = new LogSums();
        Add(sums, Noon, "chat.completed", """{"outcome":"completed","provider":"p","model":"m","confidence":0.81239,"grounding":1,"flags":["pii","bias"],"first_token_ms":1234,"duration_ms":98765,"prompt_tokens":5,"completion_tokens":7,"sources":[{"x":[1]}]}""");
        Add(sums, Noon, "chat.completed", """{"outcome":"upstream_error","provider":"p","model":"m","confidence":0.1,"grounding":1,"duration_ms":999}""");
        var turns = Assert.Single(Assert.Single(sums.Days).Models);
        Assert.Equal((2, 1, 1, 5, 7), (turns.Turns, turns.Flagged, turns.Unfinished, turns.PromptTokens, turns.CompletionTokens));
        Assert.Equal([8124], turns.Confidence.Values.Keys);
        Assert.Equal([10_000], turns.Grounding.Values.Keys);
        Assert.Equal([1230], turns.FirstToken.Values.Keys);
        Assert.Equal([999, 98_800], turns.Duration.Values.Keys.Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"v":1,"data":{"flags":"pii"}}""")]
    [InlineData("""{"v":1,"data":{"confidence":"high"}}""")]
    [InlineData("""{"v":1,"data":{"duration_ms":1e99}}""")]
    [InlineData("""{"v":1,"data":{"provider":5}}""")]
    [InlineData("""{"v":1,"data":{"outcome":"\ud800"}}""")]
    public void A_body_that_somebody_changed_is_counted_as_unreadable(string body)
    {
        var sums = new LogSums();
        sums.Add(Guid.Empty, 1, Noon, "chat.completed", Encoding.UTF8.GetBytes(body));
        var day = Assert.Single(sums.Days);
        Assert.Equal((1, 0), (day.Unreadable, day.Models.Count));
    }

    private static void Add(LogSums sums, DateTimeOffset at, string type, string data) =>
        sums.Add(Guid.Empty, 1, at, type, Encoding.UTF8.GetBytes($$"""{"v":1,"actor":{"user_id":"x"},"type":"{{type}}","data":{{data}}}"""));

    private static void Add(LogSums sums, DateTime at, string type, string data) => Add(sums, new DateTimeOffset(at, TimeSpan.Zero), type, data);
}
