using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using LexCustis.Infrastructure.Redis;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexCustis.Tests.Infrastructure.Redis;

public sealed class RedisConnectionTests
{
    [Fact]
    public async Task Two_hundred_at_once_each_get_their_own_reply()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => redis.SendAsync(["ECHO", i], CancellationToken.None))));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), replies.Select(r => Assert.IsType<RespReply.Bulk>(r).Text));
        Assert.True(redis.IsHealthy);
        var clients = Assert.IsType<RespReply.Bulk>(await redis.SendAsync(["CLIENT", "LIST"], CancellationToken.None)).Text;
        Assert.Contains(" name=lexcustis ", Assert.Single(clients.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_values_come_back_whole_among_small_ones()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);
        var value = new byte[8 * 1024 * 1024];
        new Random(1).NextBytes(value);

        await redis.SendAsync(["SET", "large", new ReadOnlyMemory<byte>(value)], CancellationToken.None);
        var large = redis.SendAsync(["GET", "large"], CancellationToken.None);
        var small = redis.SendAsync(["PING"], CancellationToken.None);

        var back = Assert.IsType<RespReply.Bulk>(await large);
        Assert.True(back.Bytes.Span.SequenceEqual(value));
        Assert.Equal(new RespReply.Simple("PONG"), await small);
    }

    [Fact]
    public async Task Signs_in_selects_and_names_the_refusal()
    {
        await using var server = await RedisServer.StartAsync(password: "p@ss/word");
        await using var redis = Connect(RedisUrl.Parse(server.UrlText + "/5"));
        await redis.SendAsync(["SET", "here", "5"], CancellationToken.None);
        Assert.Equal(new RespReply.Integer(1), await redis.SendAsync(["DBSIZE"], CancellationToken.None));

        await using var wrong = Connect(RedisUrl.Parse($"redis://:hunter2@127.0.0.1:{server.Port}"));
        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(() => wrong.PingAsync(CancellationToken.None));
        Assert.Contains("WRONGPASS", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);

        await using var none = Connect(RedisUrl.Parse($"redis://127.0.0.1:{server.Port}"));
        refused = await Assert.ThrowsAsync<RedisUnavailableException>(() => none.PingAsync(CancellationToken.None));
        Assert.Contains("NOAUTH", refused.Message, StringComparison.Ordinal);
        Assert.False(none.IsHealthy);
    }

    [Fact]
    public async Task Speaks_tls_and_trusts_only_the_named_authority()
    {
        await using var server = await RedisServer.StartAsync(password: "secret", tls: true);
        await using var redis = Connect(server.Url);
        await redis.PingAsync(CancellationToken.None);

        await using var stranger = Connect(RedisUrl.Parse($"rediss://:secret@localhost:{server.Port}"));
        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(() => stranger.PingAsync(CancellationToken.None));
        Assert.IsType<AuthenticationException>(refused.InnerException);
    }

    [Fact]
    public async Task A_servers_error_reaches_its_caller_alone()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);

        var wrong = redis.SendAsync(["NOSUCH"], CancellationToken.None);
        var right = redis.SendAsync(["PING"], CancellationToken.None);

        Assert.Equal("ERR", (await Assert.ThrowsAsync<RedisErrorException>(() => wrong)).Code);
        Assert.Equal(new RespReply.Simple("PONG"), await right);
    }

    [Fact]
    public async Task A_script_survives_a_server_that_forgot_it()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);
        var script = new RedisScript("return {KEYS[1], ARGV[1]}");

        for (var i = 0; i < 2; i++)
        {
            var reply = Assert.IsType<RespReply.List>(await redis.RunAsync(script, ["key"], [i], CancellationToken.None));
            Assert.Equal(["key", $"{i}"], reply.Items.Select(item => ((RespReply.Bulk)item).Text));
            await redis.SendAsync(["SCRIPT", "FLUSH"], CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_cancelled_caller_leaves_the_others_their_replies()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);
        await redis.PingAsync(CancellationToken.None);

        server.Pause();
        using var leave = new CancellationTokenSource();
        var gone = redis.SendAsync(["ECHO", "gone"], leave.Token);
        var stays = redis.SendAsync(["ECHO", "stays"], CancellationToken.None);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        server.Resume();

        Assert.Equal("stays", Assert.IsType<RespReply.Bulk>(await stays).Text);
        Assert.True(redis.IsHealthy);
    }

    [Fact]
    public async Task A_killed_server_fails_who_waits_and_is_found_again()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server.Url);
        await redis.PingAsync(CancellationToken.None);

        server.Pause();
        var waiting = Enumerable.Range(0, 50).Select(_ => redis.SendAsync(["INCR", "n"], CancellationToken.None)).ToArray();
        await server.KillAsync();
        var watch = Stopwatch.StartNew();
        foreach (var command in waiting) await Assert.ThrowsAsync<RedisUnavailableException>(() => command);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, redis.CommandTimeout * 2);

        watch.Restart();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => redis.PingAsync(CancellationToken.None));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, redis.CommandTimeout / 2);
        Assert.False(redis.IsHealthy);

        await server.RestartAsync();
        await UntilAsync(() => redis.IsHealthy);
        Assert.Equal(new RespReply.Integer(1), await redis.SendAsync(["INCR", "n"], CancellationToken.None));
    }

    [Fact]
    public async Task A_paused_server_costs_one_timeout_and_is_found_again()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = new RedisConnection(server.Url, TimeProvider.System, NullLogger<RedisConnection>.Instance)
        {
            CommandTimeout = TimeSpan.FromMilliseconds(200),
            ConnectTimeout = TimeSpan.FromMilliseconds(300),
        };
        await redis.PingAsync(CancellationToken.None);

        server.Pause();
        var late = await Assert.ThrowsAsync<RedisUnavailableException>(() => redis.PingAsync(CancellationToken.None));
        Assert.Contains("200 ms", late.Message, StringComparison.Ordinal);
        Assert.False(redis.IsHealthy);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => redis.PingAsync(CancellationToken.None));

        server.Resume();
        await UntilAsync(() => redis.IsHealthy);
        await redis.PingAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "where a reply begins")]
    [InlineData("+PONG\r\n+PONG\r\n", "nobody had asked for")]
    [InlineData("+PONG\r\n-ERR Client ip is banned\r\n", "unasked: ERR Client ip is banned")]
    [InlineData("+PONG\r\n+PON", "in the middle of a reply")]
    [InlineData("", "closed the connection")]
    public async Task What_breaks_the_protocol_closes_the_link_and_is_named(string sent, string reason)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var peer = await listener.AcceptTcpClientAsync();

        var link = new RedisLink(client.GetStream());
        var answered = link.SendAsync(["PING"]);
        var pinged = new byte["*1\r\n$4\r\nPING\r\n".Length];
        await peer.GetStream().ReadExactlyAsync(pinged);
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        peer.Client.Shutdown(SocketShutdown.Send);

        var closed = await link.Closed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains(reason, closed.Message, StringComparison.Ordinal);
        if (sent.StartsWith('+')) Assert.Equal(new RespReply.Simple("PONG"), await answered);
        else Assert.Same(closed, await Assert.ThrowsAsync<RedisUnavailableException>(() => answered));
        Assert.Same(closed, await Assert.ThrowsAsync<RedisUnavailableException>(() => link.SendAsync(["PING"])));
        await link.CloseAsync(closed);
    }

    [Fact]
    public async Task A_server_that_takes_nothing_is_not_fed_without_bound()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var link = new RedisLink(client.GetStream());

        var waiting = Enumerable.Range(0, RedisLink.MaxInFlight).Select(_ => link.SendAsync(["PING"])).ToArray();
        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(() => link.SendAsync(["PING"]));
        Assert.Contains("Too many", refused.Message, StringComparison.Ordinal);
        Assert.All(waiting, reply => Assert.False(reply.IsCompleted));
        Assert.False(link.Closed.IsCompleted);

        await link.CloseAsync(refused);
        Assert.All(waiting, reply => Assert.True(reply.IsFaulted));
    }

    [Fact]
    public async Task Disposal_fails_who_waits_and_ends_the_rest()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = Connect(server.Url);
        await redis.PingAsync(CancellationToken.None);
        server.Pause();
        var waiting = redis.PingAsync(CancellationToken.None);

        await redis.DisposeAsync();
        await redis.DisposeAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => redis.PingAsync(CancellationToken.None));
    }

    internal static RedisConnection Connect(RedisUrl url) =>
        new(url, TimeProvider.System, NullLogger<RedisConnection>.Instance) { CommandTimeout = TimeSpan.FromSeconds(5), ConnectTimeout = TimeSpan.FromSeconds(10) };

    internal static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition()) await Task.Delay(10, limit.Token);
    }
}
