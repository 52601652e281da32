using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LexCustis.Tests.Harness;

/// <summary>Stands between a client and PostgreSQL, and breaks the connection when it is told to.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Link, bool> links = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Uri target;
    private readonly Task accepting;
    private int commitsToLose;
    private int commitsToDrop;
    private volatile bool away;

    /// <param name="url">Of the real PostgreSQL.</param>
    public PostgresProxy(string url)
    {
        target = new Uri(url);
        listener.Start();
        // In clear text, so that it sees the commits go by.
        Url = new UriBuilder(target) { Port = ((IPEndPoint)listener.LocalEndpoint).Port, Query = "sslmode=disable" }.Uri.ToString();
        accepting = AcceptAsync();
    }

    /// <summary>The same database, by way of this proxy.</summary>
    public string Url { get; }

    /// <summary>Commits that reached PostgreSQL and whose answer was swallowed.</summary>
    public int LostAnswers { get; private set; }

    /// <summary>The next commits happen; their answers never come, the connection breaks instead.</summary>
    public void LoseAnswersToCommits(int count) => commitsToLose = count;

    /// <summary>The next commits never reach PostgreSQL; the connection breaks.</summary>
    public void DropCommits(int count) => commitsToDrop = count;

    /// <summary>Breaks every connection, and every new one until <see cref="ComeBack"/>.</summary>
    public void GoAway()
    {
        away = true;
        CutAll();
    }

    public void ComeBack() => away = false;

    public void CutAll()
    {
        foreach (var link in links.Keys)
            link.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        CutAll();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                if (away)
                    client.Dispose();
                else
                    _ = ServeAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var link = new Link(client, server);
        links[link] = true;
        try
        {
            await server.ConnectAsync(target.Host, target.Port);
            await Task.WhenAny(UpAsync(link), DownAsync(link));
        }
        catch (SocketException)
        {
            // PostgreSQL is not there: neither is the proxy.
        }
        finally
        {
            link.Cut();
            links.TryRemove(link, out _);
        }
    }

    private async Task UpAsync(Link link)
    {
        var buffer = new byte[1 << 16];
        while (await ReceiveAsync(link.Client, buffer) is > 0 and var count)
        {
            var commits = buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) >= 0;
            if (commits && Take(ref commitsToDrop))
                return;
            if (commits && Take(ref commitsToLose))
            {
                link.Mute = true;
                await link.Server.SendAsync(buffer.AsMemory(0, count));
                LostAnswers++;
                return;
            }

            await link.Server.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task DownAsync(Link link)
    {
        var buffer = new byte[1 << 16];
        while (await ReceiveAsync(link.Server, buffer) is > 0 and var count)
        {
            if (!link.Mute)
                await link.Client.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer);
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static bool Take(ref int count)
    {
        if (Interlocked.Decrement(ref count) >= 0)
            return true;
        Interlocked.Increment(ref count);
        return false;
    }

    private sealed class Link(Socket client, Socket server)
    {
        public Socket Client { get; } = client;

        public Socket Server { get; } = server;

        public bool Mute { get; set; }

        /// <summary>PostgreSQL reads what it was sent before it sees the end, so a commit under way still happens.</summary>
        public void Cut()
        {
            Client.Close(0);
            Server.Dispose();
        }
    }
}
