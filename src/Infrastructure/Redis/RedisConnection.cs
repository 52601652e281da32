using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LexCustis.Infrastructure.Redis;

/// <summary>
/// The process's one connection to Redis. It opens with the first command and replaces itself in the background when lost; meanwhile
/// commands fail at once. Only the very first attempt is waited for, so that a server's first turn finds Redis.
/// </summary>
/// <remarks>
/// A command without a reply in time closes the connection, for all callers. Replies are matched by order, so the stream could be kept
/// by swallowing the late reply; but a server that keeps the oldest command waiting keeps the others waiting behind it, and every caller
/// would pay its own timeout. Closed, the wait is paid once. The command itself may have run, or may run later: nothing is ever retried.
/// </remarks>
internal sealed partial class RedisConnection(RedisUrl url, TimeProvider clock, ILogger<RedisConnection> log) : IAsyncDisposable
{
    private const string ClientName = "lexcustis";
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _loop;
    private volatile RedisLink? _link;
    private volatile Exception? _failure;

    /// <summary>From sending to the reply.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Name resolution, TCP, TLS and sign-in together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a connection stands, as far as this side can tell without asking.</summary>
    public bool IsHealthy => _link is { Closed.IsCompleted: false };

    /// <summary>Begins to connect, if nothing has yet; does not wait.</summary>
    public void Open()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            _loop ??= Task.Run(KeepConnectedAsync);
        }
    }

    /// <exception cref="RedisUnavailableException">No reply; a command that was sent may have run.</exception>
    /// <exception cref="RedisErrorException">The server's error reply.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the command may have run, and others are not disturbed.</exception>
    public async Task<RespReply> SendAsync(RespArgument[] command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var link = _link ?? await FirstLinkAsync(ct);
        try
        {
            var reply = await link.SendAsync(command).WaitAsync(CommandTimeout, clock, ct);
            return reply is RespReply.Error error ? throw new RedisErrorException(error) : reply;
        }
        catch (TimeoutException)
        {
            var late = new RedisUnavailableException($"Redis did not reply within {CommandTimeout.TotalMilliseconds:0} ms.");
            link.Close(late);
            throw late;
        }
    }

    /// <summary>Runs the script, sending its text only to a server that does not know it yet. Throws as <see cref="SendAsync"/> does.</summary>
    public async Task<RespReply> RunAsync(RedisScript script, string[] keys, RespArgument[] arguments, CancellationToken ct)
    {
        script.Name ??= await SendAsync(["SCRIPT", "LOAD", script.Text], ct) is RespReply.Bulk name ? name.Text : null;
        try
        {
            return await SendAsync(["EVALSHA", script.Name ?? "", keys.Length, .. keys, .. arguments], ct);
        }
        catch (RedisErrorException e) when (e.Code == "NOSCRIPT")
        {
            // The one safe repetition: nothing ran.
            return await SendAsync(["EVAL", script.Text, keys.Length, .. keys, .. arguments], ct);
        }
    }

    /// <summary>Returns when Redis answers, throws as <see cref="SendAsync"/> does when not.</summary>
    public async Task PingAsync(CancellationToken ct) => await SendAsync(["PING"], ct);

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
        }

        if (_loop is not null) await _loop;
        _stop.Dispose();
    }

    private async ValueTask<RedisLink> FirstLinkAsync(CancellationToken ct)
    {
        Open();
        await _tried.Task.WaitAsync(ct);
        return _link ?? throw new RedisUnavailableException($"No connection to Redis: {_failure?.Message}", _failure);
    }

    private async Task KeepConnectedAsync()
    {
        try
        {
            for (var failures = 0; ; failures++)
            {
                try
                {
                    var link = await ConnectAsync(_stop.Token);
                    failures = 0;
                    _link = link;
                    _tried.TrySetResult();
                    LogConnected(log, url);
                    _failure = await WaitUntilClosedAsync(link);
                    _link = null;
                    LogLost(log, url, _failure.Message);
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    _failure = e;
                    _tried.TrySetResult();
                    if (failures == 0) LogRefused(log, url, e.Message);
                }

                await Task.Delay(DelayAfter(failures), clock, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            _failure = new ObjectDisposedException(nameof(RedisConnection));
            _link = null;
            _tried.TrySetResult();
        }
    }

    private async Task<RedisUnavailableException> WaitUntilClosedAsync(RedisLink link)
    {
        try
        {
            return await link.Closed.WaitAsync(_stop.Token);
        }
        finally
        {
            await link.CloseAsync(new RedisUnavailableException("This process is closing its connection to Redis."));
        }
    }

    private async Task<RedisLink> ConnectAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        Stream? stream = null;
        try
        {
            stream = await OpenStreamAsync(either.Token);
            return await SignInAsync(new RedisLink(stream), either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            if (stream is not null) await stream.DisposeAsync();
            throw new RedisUnavailableException($"{url} did not take the connection within {ConnectTimeout.TotalMilliseconds:0} ms.");
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<Stream> OpenStreamAsync(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream stream;
        try
        {
            // So that a peer which vanished without a word is noticed before a command has to time out.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)s_keepAlive.TotalSeconds);
            await socket.ConnectAsync(url.Host, url.Port, ct);
            stream = new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        if (!url.Tls) return stream;
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(TlsOptions(), ct);
            return encrypted;
        }
        catch
        {
            await encrypted.DisposeAsync();
            throw;
        }
    }

    private SslClientAuthenticationOptions TlsOptions()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = url.Host };
        if (url.Authorities is null) return options;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(url.Authorities);
        return options;
    }

    /// <summary>One round trip. RESP2 is what a connection speaks from its start, so no HELLO is needed and any Redis will do.</summary>
    private async Task<RedisLink> SignInAsync(RedisLink link, CancellationToken ct)
    {
        var signIn = url switch
        {
            { Password: null } => null,
            { User: null } => link.SendAsync(["AUTH", url.Password]),
            _ => link.SendAsync(["AUTH", url.User, url.Password]),
        };
        var select = url.Database == 0 ? null : link.SendAsync(["SELECT", url.Database]);
        var ping = link.SendAsync(["PING"]);
        var name = link.SendAsync(["CLIENT", "SETNAME", ClientName]);

        if (signIn is not null) await RequireAsync(signIn);
        if (select is not null) await RequireAsync(select);

        // Still loading its data, full of clients, or wanting a password that is not set: not usable.
        await RequireAsync(ping);

        // The name is for the operator's CLIENT LIST; a server that forbids it is as good.
        await name.WaitAsync(ct);
        return link;

        async Task RequireAsync(Task<RespReply> reply)
        {
            if (await reply.WaitAsync(ct) is RespReply.Error error) throw new RedisErrorException(error);
        }
    }

    /// <summary>Doubles from 50 ms to 5 s; each wait is drawn from its upper half, so that servers don't come back in step.</summary>
    private static TimeSpan DelayAfter(int failures)
    {
        var full = s_firstDelay * Math.Pow(2, Math.Min(failures, 10));
        var longest = full < s_longestDelay ? full : s_longestDelay;
        return longest * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 2000.0));
    }

    [LoggerMessage(1, LogLevel.Information, "Connected to {Redis}")]
    private static partial void LogConnected(ILogger log, RedisUrl redis);

    [LoggerMessage(2, LogLevel.Warning, "Lost {Redis}: {Reason}")]
    private static partial void LogLost(ILogger log, RedisUrl redis, string reason);

    [LoggerMessage(3, LogLevel.Warning, "No connection to {Redis}, still trying: {Reason}")]
    private static partial void LogRefused(ILogger log, RedisUrl redis, string reason);
}
