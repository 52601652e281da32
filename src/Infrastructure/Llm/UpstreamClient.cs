using System.Net;
using System.Net.Sockets;

namespace LexCustis.Infrastructure.Llm;

/// <summary>What every hosted provider shares: one pool of connections, the time limits, the clock. Lives as long as the process.</summary>
internal sealed class UpstreamClient(HttpMessageHandler handler, LlmTimeouts timeouts, TimeProvider clock) : IDisposable
{
    public UpstreamClient(LlmTimeouts timeouts, TimeProvider clock)
        : this(CreateHandler(timeouts), timeouts, clock)
    {
    }

    /// <summary>Without a limit of its own: <see cref="UpstreamExchange"/> sets finer ones.</summary>
    public HttpClient Http { get; } = new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    public LlmTimeouts Timeouts { get; } = timeouts;

    public TimeProvider Clock { get; } = clock;

    public void Dispose() => Http.Dispose();

    private static SocketsHttpHandler CreateHandler(LlmTimeouts timeouts) => new()
    {
        ConnectTimeout = timeouts.Connect,
        ConnectCallback = ConnectAsync,
        // Names are looked up again this often, so that an upstream may move.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
        // A redirect would carry the prompt to an address that nobody configured.
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy from the environment would see every prompt, and would hide the address that ConnectAsync checks.
        UseProxy = false,
        // Our trace ids are nobody else's business.
        ActivityHeadersPropagator = null,
        // Enough for what follows [DONE], so that the connection is used again;
        // too little to keep a model generating for a client that has left.
        MaxResponseDrainSize = 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>
    /// An organization's admin chooses the base URL, hence where this server connects. Checked here and not when the URL is set,
    /// because a name can resolve to another address each time.
    /// </summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (addresses.Any(ForbiddenAddress.Is))
            throw new ForbiddenAddressException();

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
