using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LexCustis.Tests.Infrastructure.Web;

public sealed class SseWriterTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_comment_goes_out_after_each_quiet_interval_and_only_then()
    {
        var clock = new TimerClock();
        var (http, output) = Response();
        await using var writer = new SseWriter(http, clock, Quiet);
        await WriteAsync(writer, 1);

        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal("data: {\"number\":1}\n\n", Read(output));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(": keep-alive\n\n", Read(output));
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": keep-alive\n\n", Read(output));

        // What was written meanwhile is as good as a comment.
        clock.Advance(TimeSpan.FromSeconds(10));
        await WriteAsync(writer, 2);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("data: {\"number\":2}\n\n", Read(output));
    }

    [Fact]
    public async Task Writers_and_heartbeats_at_once_never_mix_their_lines()
    {
        var clock = new TimerClock();
        var (http, output) = Response();
        var writer = new SseWriter(http, clock, Quiet);
        using var stop = new CancellationTokenSource();
        var beating = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                clock.Advance(Quiet);
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(first => Task.Run(async () =>
        {
            for (var number = first; number < 800; number += 8)
                await WriteAsync(writer, number);
        })));
        await stop.CancelAsync();
        await beating;
        await writer.WriteDoneAsync();
        await writer.DisposeAsync();

        var blocks = Read(output).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(static block => block != ": keep-alive").ToList();
        Assert.Equal("data: [DONE]", blocks[^1]);
        Assert.Equal(
            Enumerable.Range(0, 800),
            blocks.SkipLast(1).Select(static block => JsonDocument.Parse(block["data: ".Length..]).RootElement.GetProperty("number").GetInt32()).Order());
    }

    [Fact]
    public async Task A_client_that_left_is_told_of_at_the_next_write()
    {
        var (http, _) = Response();
        using var gone = new CancellationTokenSource();
        http.RequestAborted = gone.Token;
        await using var writer = new SseWriter(http, new TimerClock(), Quiet);
        await WriteAsync(writer, 1);
        await gone.CancelAsync();
        await Assert.ThrowsAsync<ClientGoneException>(async () => await WriteAsync(writer, 2));
        await Assert.ThrowsAsync<ClientGoneException>(async () => await writer.WriteDoneAsync());
    }

    private static ValueTask WriteAsync(SseWriter writer, int number) => writer.WriteAsync(number, static (json, number) =>
    {
        json.WriteStartObject();
        json.WriteNumber("number", number);
        json.WriteEndObject();
    });

    private static (DefaultHttpContext Http, Pipe Output) Response()
    {
        // Without the limit at which a flush waits for the reader: this test reads at the end.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new PipeBody(pipe.Writer));
        return (http, pipe);
    }

    /// <summary>What was flushed since the last look.</summary>
    private static string Read(Pipe pipe)
    {
        if (!pipe.Reader.TryRead(out var result))
            return "";
        var text = Encoding.UTF8.GetString(result.Buffer);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        return text;
    }

    private sealed class PipeBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>Time that passes when told to, and one timer that rings with it.</summary>
    private sealed class TimerClock : TimeProvider
    {
        private long ticks;
        private Action<long>? told;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state), period);
            told = timer.Tell;
            return timer;
        }

        public void Advance(TimeSpan by) => told!(Interlocked.Add(ref ticks, by.Ticks));

        private sealed class Timer(Action ring, TimeSpan period) : ITimer
        {
            private long due = period.Ticks;

            public void Tell(long now)
            {
                if (now < due)
                    return;
                due = now - now % period.Ticks + period.Ticks;
                ring();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => due = long.MaxValue;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
