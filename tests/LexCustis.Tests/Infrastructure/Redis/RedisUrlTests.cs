using LexCustis.Infrastructure.Redis;

namespace LexCustis.Tests.Infrastructure.Redis;

public sealed class RedisUrlTests
{
    [Theory]
    [InlineData("redis://cache", "cache", 6379, null, null, 0, false)]
    [InlineData("redis://cache/", "cache", 6379, null, null, 0, false)]
    [InlineData("redis://10.0.0.5:7000/3", "10.0.0.5", 7000, null, null, 3, false)]
    [InlineData("redis://:p%40ss%2Fw%3Aord@cache", "cache", 6379, null, "p@ss/w:ord", 0, false)]
    [InlineData("redis://chat:secret@cache:6380", "cache", 6380, "chat", "secret", 0, false)]
    [InlineData("redis://chat:a:b@cache", "cache", 6379, "chat", "a:b", 0, false)]
    [InlineData("rediss://cache", "cache", 6379, null, null, 0, true)]
    [InlineData("redis://[::1]:6390", "::1", 6390, null, null, 0, false)]
    public void Reads_every_form(string text, string host, int port, string? user, string? password, int database, bool tls)
    {
        var url = RedisUrl.Parse(text);

        Assert.Equal((host, port, user, password, database, tls), (url.Host, url.Port, url.User, url.Password, url.Database, url.Tls));
    }

    [Fact]
    public void Takes_an_authority_for_tls() => Assert.Equal("/etc/redis/our ca.pem", RedisUrl.Parse("rediss://cache?ca=/etc/redis/our%20ca.pem").Authorities);

    [Theory]
    [InlineData("")]
    [InlineData("cache:6379")]
    [InlineData("http://cache")]
    [InlineData("redis://")]
    [InlineData("redis://:hunter2@cache:port")]
    [InlineData("redis://:hunter2@cache:0")]
    [InlineData("redis://:hunter2@cache:65536")]
    [InlineData("redis://:hunter2@cache/first")]
    [InlineData("redis://:hunter2@cache/-1")]
    [InlineData("redis://:hunter2@cache/1/2")]
    [InlineData("redis://hunter2@cache")]
    [InlineData("redis://user:@cache")]
    [InlineData("redis://:hunter2#1@cache")]
    [InlineData("redis://:hunter2/1@cache")]
    [InlineData("redis://:hunter2@cache?ca=/x")]
    [InlineData("rediss://:hunter2@cache?timeout=1")]
    [InlineData("rediss://:hunter2@cache?ca=/x&more=1")]
    public void Refuses_what_is_malformed_without_repeating_the_password(string text)
    {
        var error = Assert.Throws<FormatException>(() => RedisUrl.Parse(text));

        Assert.Contains("redis://[[user]:password@]host", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_shown_without_credentials() => Assert.Equal("rediss://cache:6380/2", RedisUrl.Parse("rediss://me:hunter2@cache:6380/2").ToString());
}
