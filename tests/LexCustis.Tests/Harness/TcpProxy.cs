using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LexCustis.Tests.Harness;

/// <summary>Stands before a server on 127.0.0.1 and can take it away: a network that fails while the server behind it is fine.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly int target;
    private readonly ConcurrentDictionary<Socket, byte> open = new();
    private TcpListener listener;

    private TcpProxy(int target)
    {
        (this.target, listener) = (target, Listen(0));
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
    }

    public int Port { get; }

    public static TcpProxy Start(int target) => new(target);

    /// <summary>The same address, reached through this.</summary>
    public string Through(string url) => new UriBuilder(url) { Port = Port }.Uri.ToString();

    /// <summary>Closes all connections and refuses new ones.</summary>
    public void Cut()
    {
        listener.Dispose();
        foreach (var socket in open.Keys)
            socket.Dispose();
    }

    public void Restore()
    {
        listener = Listen(Port);
        _ = AcceptAsync(listener);
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private static TcpListener Listen(int port)
    {
        var opened = new TcpListener(IPAddress.Loopback, port);
        opened.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        opened.Start();
        return opened;
    }

    private async Task AcceptAsync(TcpListener accepting)
    {
        try
        {
            while (true)
                _ = CarryAsync(await accepting.AcceptSocketAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        (open[client], open[server]) = (0, 0);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (SocketException)
        {
            // The server behind is gone: so is this connection.
        }
        finally
        {
            client.Dispose();
            open.TryRemove(client, out _);
            open.TryRemove(server, out _);
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
                await to.SendAsync(buffer.AsMemory(0, read));
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Either side, or the test.
        }
    }
}
