using System.IO.Pipelines;

namespace LexCustis.Infrastructure.Redis;

/// <summary>
/// One established connection, from its first byte to its last; it never heals. Commands of any number of callers share it:
/// what they write while a flush is under way leaves with the next one, and replies complete them in the order of sending.
/// </summary>
internal sealed class RedisLink
{
    /// <summary>Commands sent and not yet answered; more fail at once.</summary>
    public const int MaxInFlight = 16 * 1024;

    /// <summary>Bytes accepted and not yet handed to the socket; more fail at once.</summary>
    public const int MaxUnsent = 64 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly Lock _gate = new();
    private readonly Pipe _outgoing = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Queue<TaskCompletionSource<RespReply>> _inFlight = [];
    private readonly TaskCompletionSource<RedisUnavailableException> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loops;
    private long _unsent;

    /// <param name="stream">Connected, and owned from now on.</param>
    public RedisLink(Stream stream)
    {
        _stream = stream;
        _loops = Task.WhenAll(Task.Run(SendLoopAsync), Task.Run(ReceiveLoopAsync));
    }

    /// <summary>Completes with the reason once the connection is of no more use.</summary>
    public Task<RedisUnavailableException> Closed => _closed.Task;

    /// <summary>Queues the command; its bytes leave at once unless others are just leaving.</summary>
    /// <returns>Completes with the reply, error replies included; fails with a <see cref="RedisUnavailableException"/>.</returns>
    public Task<RespReply> SendAsync(ReadOnlySpan<RespArgument> command)
    {
        var reply = new TaskCompletionSource<RespReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var size = 0L;
        foreach (var argument in command) size += argument.ByteCount;

        lock (_gate)
        {
            if (_closed.Task.IsCompleted) return Task.FromException<RespReply>(_closed.Task.Result);
            if (_inFlight.Count == MaxInFlight || _unsent + size > MaxUnsent)
                return Task.FromException<RespReply>(new RedisUnavailableException("Too many commands wait for Redis."));
            RespWriter.Write(_outgoing.Writer, command);
            _unsent += _outgoing.Writer.UnflushedBytes;
            _inFlight.Enqueue(reply);

            // Without a threshold the flush only wakes the send loop; it never waits.
            _ = _outgoing.Writer.FlushAsync(CancellationToken.None).AsTask();
        }

        return reply.Task;
    }

    /// <summary>Fails whatever is in flight with <paramref name="reason"/> and ends the connection. Only the first call counts.</summary>
    public void Close(RedisUnavailableException reason)
    {
        lock (_gate)
        {
            if (!_closed.TrySetResult(reason)) return;
            _outgoing.Writer.Complete();
        }

        _stream.Dispose();
        foreach (var reply in _inFlight)
        {
            reply.SetException(reason);

            // Its caller may have been cancelled and gone; the failure counts as seen either way.
            _ = reply.Task.Exception;
        }
    }

    /// <summary>Closes, and waits until nothing of the connection runs any more.</summary>
    public async Task CloseAsync(RedisUnavailableException reason)
    {
        Close(reason);
        await _loops;
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync();
                if (read.IsCompleted) break;
                foreach (var segment in read.Buffer) await _stream.WriteAsync(segment);
                await _stream.FlushAsync();
                lock (_gate) _unsent -= read.Buffer.Length;
                _outgoing.Reader.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close(Lost(e));
        }

        await _outgoing.Reader.CompleteAsync();
    }

    private async Task ReceiveLoopAsync()
    {
        var input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        var replies = new RespReader(input);
        try
        {
            while (await replies.ReadAsync(CancellationToken.None) is { } reply)
                Take(reply).SetResult(reply);
            Close(new RedisUnavailableException("Redis closed the connection."));
        }
        catch (RedisProtocolException e)
        {
            Close(new RedisUnavailableException(e.Message, e));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close(Lost(e));
        }

        await input.CompleteAsync();
    }

    private TaskCompletionSource<RespReply> Take(RespReply reply)
    {
        lock (_gate)
        {
            // Once closed, the queue belongs to Close.
            ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
            if (_inFlight.TryDequeue(out var first)) return first;
        }

        throw new RedisProtocolException(reply is RespReply.Error error
            ? $"Redis said, unasked: {error.Text}"
            : "Redis sent a reply that nobody had asked for.");
    }

    private static RedisUnavailableException Lost(Exception inner) => new("The connection to Redis was lost.", inner);
}
