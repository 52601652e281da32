using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LexCustis.Tests.Harness;

/// <summary>A port of this test's own in front of another: closed, what is behind it is away.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly ConcurrentBag<TcpClient> connections = [];
    private readonly (string Host, int Port) target;
    private TcpListener listener;

    public TcpRelay(string host, int port)
    {
        target = (host, port);
        listener = Listen(0);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Cuts every connection and refuses new ones.</summary>
    public void Close()
    {
        listener.Stop();
        while (connections.TryTake(out var connection))
            connection.Close();
    }

    /// <summary>Takes connections again, on the same port.</summary>
    public void Reopen(int port) => listener = Listen(port);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private TcpListener Listen(int port)
    {
        var listening = new TcpListener(IPAddress.Loopback, port);
        listening.Start();
        _ = AcceptAsync(listening);
        return listening;
    }

    private async Task AcceptAsync(TcpListener listening)
    {
        try
        {
            while (true)
            {
                var client = await listening.AcceptTcpClientAsync();
                var server = new TcpClient();
                connections.Add(client);
                connections.Add(server);
                await server.ConnectAsync(target.Host, target.Port);
                _ = CopyAsync(client, server);
                _ = CopyAsync(server, client);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed by the test.
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Either end left.
        }
        finally
        {
            to.Close();
        }
    }
}
