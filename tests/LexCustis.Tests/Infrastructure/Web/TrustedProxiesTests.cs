using System.Net;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Tests.Infrastructure.Web;

public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("", "10.0.0.1", "203.0.113.7", "10.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.1", "198.51.100.1", "203.0.113.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.7, 10.2.2.2, 10.3.3.3", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "10.9.9.9", "10.9.9.9")]
    [InlineData("10.0.0.0/8", "10.0.0.1", null, "10.0.0.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "unknown", "10.0.0.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.7, unknown", "10.0.0.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.7:4711", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8::/32", "2001:db8::5", "203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1, ::1", "::1", "203.0.113.7", "203.0.113.7")]
    public void The_client_is_the_first_from_the_right_that_no_trusted_proxy_has(string proxies, string connection, string? header, string client)
    {
        Assert.True(TrustedProxies.TryParse(proxies, out var trusted, out _));
        Assert.Equal(IPAddress.Parse(client), trusted.Client(IPAddress.Parse(connection), header));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.1, proxy.example.org")]
    [InlineData("10")]
    [InlineData("10.1")]
    public void What_is_no_address_or_network_is_refused(string proxies)
    {
        Assert.False(TrustedProxies.TryParse(proxies, out _, out var wrong));
        Assert.Equal(proxies.Split(", ")[^1], wrong);
    }

    [Fact]
    public void Nothing_that_a_client_writes_left_of_what_the_proxy_saw_makes_a_difference()
    {
        Assert.True(TrustedProxies.TryParse("10.0.0.0/8", out var trusted, out _));
        var proxy = IPAddress.Parse("10.0.0.1");
        // Addresses outside of 10.0.0.0/8, and whatever text.
        var outside = ArbMap.Default.GeneratorFor<uint>().Select(static bits => new IPAddress(bits)).Where(static address => address.GetAddressBytes()[0] != 10);
        var forged = ArbMap.Default.GeneratorFor<string?>();

        Prop.ForAll(forged.ToArbitrary(), outside.ToArbitrary(), (text, seen) => trusted.Client(proxy, $"{text}, {seen}")!.Equals(seen)).QuickCheckThrowOnFailure();
        Prop.ForAll(forged.ToArbitrary(), outside.ToArbitrary(), (text, direct) => trusted.Client(direct, text)!.Equals(direct)).QuickCheckThrowOnFailure();
    }
}
