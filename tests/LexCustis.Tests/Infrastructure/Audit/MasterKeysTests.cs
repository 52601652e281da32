using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class MasterKeysTests
{
    private const string Zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private const string Ones = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    [Fact]
    public void The_first_key_is_current_and_the_others_are_known()
    {
        var keys = TestChain.Keys($" k2:{Ones} , k1:{Zeros},");

        Assert.Equal("k2", keys.Current);
        Assert.True(keys.Knows("k1"));
        Assert.False(keys.Knows("K1"));
        Assert.NotEqual(keys.ChainKey("k1", TestChain.Organization), keys.ChainKey("k2", TestChain.Organization));
    }

    [Fact]
    public void Each_purpose_organization_and_key_has_a_key_of_its_own()
    {
        var keys = TestChain.Keys($"k1:{Zeros},k2:{Ones}");
        var derived = new List<byte[]>();
        foreach (var kid in new[] { "k1", "k2" })
        {
            foreach (var organization in new[] { TestChain.Organization, TestChain.Id(1) })
                derived.AddRange([keys.ChainKey(kid, organization), keys.SubjectWrapKey(kid, organization), keys.SettingsKey(kid, organization)]);
        }

        Assert.Equal(12, derived.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("", "has no key")]
    [InlineData(" , ", "has no key")]
    [InlineData(Zeros, "key 1 has no kid")]
    [InlineData(":" + Zeros, "key 1 has no kid")]
    [InlineData("k1:" + Zeros + ",k 2:" + Ones, "kid of key 2")]
    [InlineData("k1:" + Zeros + ",k1:" + Ones, "k1 stands twice")]
    [InlineData("k1:", "key 1 is not the base64")]
    [InlineData("k1:AAAA", "key 1 is not the base64")]
    [InlineData("k1:not base64 at all", "key 1 is not the base64")]
    [InlineData("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "key 1 is not the base64")]
    public void Says_what_is_wrong_without_repeating_a_key(string text, string expected)
    {
        Assert.False(MasterKeys.TryParse(text, out var keys, out var reason));
        Assert.Null(keys);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kid_has_64_characters_at_most()
    {
        Assert.True(MasterKeys.TryParse(new string('k', 64) + ":" + Zeros, out _, out _));
        Assert.False(MasterKeys.TryParse(new string('k', 65) + ":" + Zeros, out _, out _));
    }

    [Fact]
    public void Any_text_is_either_keys_or_a_reason() => Check.One(
        TestChain.Seeded(1000),
        Prop.ForAll(Gen.Elements("k1", ":", ",", " ", Zeros, Ones, "=", "é", "\0", "a.b-c_d").ListOf(7).Select(string.Concat).ToArbitrary(), text =>
            MasterKeys.TryParse(text, out var keys, out var reason) ? reason is null && keys.Knows(keys.Current) : keys is null && reason.Length > 0));
}
