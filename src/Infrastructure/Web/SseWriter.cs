using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LexCustis.Infrastructure.Web;

/// <summary>
/// Writes server-sent events of one JSON object each (WHATWG HTML, 9.2), every one flushed as it is written. A comment line goes out after
/// each quiet interval, so that proxies keep the connection. Safe for concurrent writers; a client that left makes writes fail with
/// <see cref="ClientGoneException"/>.
/// </summary>
internal sealed class SseWriter : IAsyncDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly PipeWriter output;
    private readonly CancellationToken clientGone;
    private readonly Utf8JsonWriter json;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ITimer heartbeat;
    private long lastWrite;
    private readonly TimeProvider clock;
    private readonly TimeSpan quiet;

    public SseWriter(HttpContext http, TimeProvider clock, TimeSpan quiet)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache, no-transform";
        // Nginx buffers answers unless told not to.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        output = http.Response.BodyWriter;
        clientGone = http.RequestAborted;
        json = new Utf8JsonWriter(output, Options);
        this.clock = clock;
        this.quiet = quiet;
        lastWrite = clock.GetTimestamp();
        heartbeat = clock.CreateTimer(static state => _ = ((SseWriter)state!).BeatAsync(), this, quiet, quiet);
    }

    /// <summary>One event whose JSON the caller writes; the writer is reset before and flushed after.</summary>
    public async ValueTask WriteAsync<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        await EnterAsync();
        try
        {
            output.Write("data: "u8);
            json.Reset(output);
            write(json, state);
            json.Flush();
            output.Write("\n\n"u8);
            await FlushAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    public ValueTask WriteAsync<T>(T value, JsonTypeInfo<T> type) => WriteAsync((value, type), static (json, state) => JsonSerializer.Serialize(json, state.value, state.type));

    /// <summary>The end that OpenAI's API and ours share: <c>data: [DONE]</c>.</summary>
    public async ValueTask WriteDoneAsync()
    {
        await EnterAsync();
        try
        {
            output.Write("data: [DONE]\n\n"u8);
            await FlushAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await heartbeat.DisposeAsync();
        // A beat that is still being flushed ends first: after this the connection is the next request's.
        await gate.WaitAsync();
        await json.DisposeAsync();
        gate.Dispose();
    }

    private async Task BeatAsync()
    {
        if (clock.GetElapsedTime(Volatile.Read(ref lastWrite)) < quiet || !await gate.WaitAsync(0))
            return;
        try
        {
            output.Write(": keep-alive\n\n"u8);
            await FlushAsync();
        }
        catch (ClientGoneException)
        {
            // The turn learns of it by its own next write, or by the connection's token.
        }
        finally
        {
            gate.Release();
        }
    }

    private async ValueTask EnterAsync()
    {
        if (clientGone.IsCancellationRequested)
            throw new ClientGoneException();
        await gate.WaitAsync(CancellationToken.None);
    }

    private async ValueTask FlushAsync()
    {
        try
        {
            var result = await output.FlushAsync(clientGone);
            if (result.IsCompleted || result.IsCanceled)
                throw new ClientGoneException();
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            throw new ClientGoneException();
        }

        Volatile.Write(ref lastWrite, clock.GetTimestamp());
    }
}

/// <summary>The client closed the connection, or stopped reading for longer than the server waits.</summary>
internal sealed class ClientGoneException : Exception;
