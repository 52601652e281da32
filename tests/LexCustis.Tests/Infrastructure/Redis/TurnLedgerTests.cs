using LexCustis.Infrastructure.Redis;

namespace LexCustis.Tests.Infrastructure.Redis;

public sealed class TurnLedgerTests
{
    private readonly TurnLedger.Day _day = new TurnLedger().Of(Guid.Empty, new DateOnly(2026, 8, 2));

    [Fact]
    public void What_redis_may_yet_grant_is_not_granted_here_too()
    {
        // Three ask Redis for the last two turns; it grants one, and two get no answer.
        for (var i = 0; i < 3; i++) _day.Ask(1);
        Assert.Equal((false, 0), _day.Grant(1, cap: 2, asked: 1));
        _day.Learn(_day.Read(), used: 1, asked: 1);

        Assert.Equal((true, 2), _day.Grant(1, cap: 2, asked: 1));
        Assert.Equal((false, 2), _day.Grant(1, cap: 2, asked: 0));
    }

    [Fact]
    public void Only_the_grants_that_a_call_brought_are_confirmed_by_its_reply()
    {
        _day.Grant(1, cap: 10, asked: 0);
        var claim = _day.Read();
        _day.Grant(1, cap: 10, asked: 0);
        _day.Learn(claim, used: 5, asked: 0);

        Assert.Equal(new TurnLedger.Day.Claim(Shared: 5, Confirmed: 1, Granted: 2), _day.Read());
        Assert.Equal((false, 6), _day.Grant(0, cap: 10, asked: 0));
    }

    [Fact]
    public void Replies_out_of_order_take_nothing_back()
    {
        var early = _day.Read();
        _day.Grant(1, cap: 10, asked: 0);
        _day.Learn(_day.Read(), used: 7, asked: 0);
        _day.Learn(early, used: 3, asked: 0);

        Assert.Equal(new TurnLedger.Day.Claim(Shared: 7, Confirmed: 1, Granted: 1), _day.Read());
    }
}
