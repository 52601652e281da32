using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace LexCustis.Tests.Harness;

/// <summary>The ways in which a <see cref="ScriptedUpstream"/> can answer.</summary>
internal static class Reply
{
    public const string Model = "scripted-1";

    /// <summary>A whole, correct stream.</summary>
    public static Script Tokens(params string[] tokens) => Stream(tokens);

    /// <summary>A stream of which each part can be varied.</summary>
    /// <param name="delay">Before each token.</param>
    /// <param name="usage">Prompt and completion tokens, in a last chunk as OpenAI sends it.</param>
    /// <param name="logProbability">Given for each token.</param>
    /// <param name="finish">The <c>finish_reason</c>; null sends none.</param>
    public static Script Stream(
        IReadOnlyList<string> tokens, TimeSpan delay = default, (int Prompt, int Completion)? usage = null,
        double? logProbability = null, string? finish = "stop", bool done = true) => async (context, _) =>
    {
        await StartAsync(context);
        await WriteTokensAsync(context, tokens, delay, logProbability);
        if (finish is not null)
            await WriteFrameAsync(context, Chunk(null, finish: finish));
        if (usage is { } counts)
            await WriteFrameAsync(context, Chunk(null, usage: counts));
        if (done)
            await WriteFrameAsync(context, "[DONE]"u8.ToArray());
    };

    /// <summary>Tokens, then these frames as they are, then the end of the body.</summary>
    public static Script TokensThenFrames(IReadOnlyList<string> tokens, params string[] frames) => async (context, _) =>
    {
        await StartAsync(context);
        await WriteTokensAsync(context, tokens);
        foreach (var frame in frames)
            await WriteFrameAsync(context, Encoding.UTF8.GetBytes(frame));
    };

    /// <summary>An error object in the midst of the stream, after which the body ends.</summary>
    public static Script ErrorAfter(IReadOnlyList<string> tokens, string message, string code = "server_error") =>
        TokensThenFrames(tokens, Encoding.UTF8.GetString(ErrorBody(message, code)));

    /// <summary>A refusal in OpenAI's form.</summary>
    public static Script Status(int status, string message = "No.", string? retryAfter = null) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        await WriteBodyAsync(context, "application/json", ErrorBody(message, null));
    };

    /// <summary>Any body.</summary>
    public static Script Body(string contentType, string body, int status = 200) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        await WriteBodyAsync(context, contentType, Encoding.UTF8.GetBytes(body));
    };

    /// <summary>The whole answer at once, as a server does that cannot stream.</summary>
    public static Script Whole(string content) => async (context, _) =>
        await WriteBodyAsync(context, "application/json", Json(json =>
        {
            json.WriteString("model", Model);
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteStartObject("message");
            json.WriteString("content", content);
            json.WriteEndObject();
            json.WriteString("finish_reason", "stop");
            json.WriteEndObject();
            json.WriteEndArray();
        }));

    /// <summary>Answers with the last user message, word by word.</summary>
    public static Script Echo() => (context, request) => Tokens(request.LastUserMessage.Split(' '))(context, request);

    /// <summary>Sends nothing, not even a status, until the client leaves.</summary>
    public static Script Hang() => (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    /// <summary>Stops sending after the tokens, with the connection open until the client leaves.</summary>
    public static Script HangAfter(params string[] tokens) => async (context, _) =>
    {
        await StartAsync(context);
        await WriteTokensAsync(context, tokens);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    };

    /// <summary>Comment lines for ever, as a proxy sends before a dead model.</summary>
    public static Script CommentsAfter(params string[] tokens) => async (context, _) =>
    {
        await StartAsync(context);
        await WriteTokensAsync(context, tokens);
        while (true)
        {
            await WriteAsync(context, ": still here\n\n"u8.ToArray());
            await Task.Delay(TimeSpan.FromMilliseconds(20), context.RequestAborted);
        }
    };

    /// <summary>Resets the TCP connection after the tokens.</summary>
    /// <param name="ready">Awaited before: a reset overtakes what the other side has not read yet.</param>
    public static Script ResetAfter(Task ready, params string[] tokens) => async (context, _) =>
    {
        await StartAsync(context);
        await WriteTokensAsync(context, tokens);
        await ready.WaitAsync(context.RequestAborted);
        context.Abort();
    };

    /// <summary>Closes the TCP connection in good order, but in the midst of the body.</summary>
    /// <remarks>Writes to the socket itself: Kestrel's flush does not tell when the bytes are sent, hence when to close.</remarks>
    public static Script CloseAfter(IReadOnlyList<string> tokens, string? finish = null) => async (context, _) =>
    {
        var body = tokens.Select(t => Chunk(t)).Append(Chunk(null, finish: finish)).SelectMany(Frame).ToArray();
        var head = $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n";
        var socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
        await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body, .. "\r\n"u8], context.RequestAborted);
        socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    };

    /// <summary>Ends the body in good order without saying that the answer is whole.</summary>
    public static Script EndAfter(params string[] tokens) => Stream(tokens, finish: null, done: false);

    /// <summary>A whole stream of which each token waits for the test to release it.</summary>
    public static Script Gated(SemaphoreSlim gate, params string[] tokens) => async (context, _) =>
    {
        await StartAsync(context);
        foreach (var token in tokens)
        {
            await gate.WaitAsync(context.RequestAborted);
            await WriteTokensAsync(context, [token]);
        }

        await WriteFrameAsync(context, Chunk(null, finish: "stop"));
        await WriteFrameAsync(context, "[DONE]"u8.ToArray());
    };

    /// <summary>A whole stream, sent one byte at a time.</summary>
    public static Script Drip(TimeSpan delay, params string[] tokens) => async (context, _) =>
    {
        await StartAsync(context);
        var frames = tokens.Select(t => Chunk(t)).Append(Chunk(null, finish: "stop")).Append("[DONE]"u8.ToArray());
        foreach (var one in frames.SelectMany(Frame))
        {
            await WriteAsync(context, [one]);
            await Task.Delay(delay, context.RequestAborted);
        }
    };

    /// <summary>A frame of this many bytes of text, on one line.</summary>
    public static Script HugeFrame(int size) => Tokens(new string('x', size));

    /// <summary>A chunk of OpenAI's stream.</summary>
    public static byte[] Chunk(string? content, double? logProbability = null, string? finish = null, (int Prompt, int Completion)? usage = null) => Json(json =>
    {
        json.WriteString("id", "chatcmpl-1");
        json.WriteString("object", "chat.completion.chunk");
        json.WriteString("model", Model);
        json.WriteStartArray("choices");
        if (usage is null)
            WriteChoice(json, content, logProbability, finish);
        json.WriteEndArray();
        if (usage is { } counts)
        {
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", counts.Prompt);
            json.WriteNumber("completion_tokens", counts.Completion);
            json.WriteNumber("total_tokens", counts.Prompt + counts.Completion);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("usage");
        }
    });

    private static void WriteChoice(Utf8JsonWriter json, string? content, double? logProbability, string? finish)
    {
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        if (content is not null)
            json.WriteString("content", content);
        json.WriteEndObject();
        json.WriteString("finish_reason", finish);
        if (logProbability is { } value)
        {
            json.WriteStartObject("logprobs");
            json.WriteStartArray("content");
            json.WriteStartObject();
            json.WriteString("token", content);
            json.WriteNumber("logprob", value);
            json.WriteStartArray("top_logprobs");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static byte[] ErrorBody(string message, string? code) => Json(json =>
    {
        json.WriteStartObject("error");
        json.WriteString("message", message);
        json.WriteString("type", "test");
        json.WriteString("code", code);
        json.WriteEndObject();
    });

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static Task StartAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        return context.Response.StartAsync(context.RequestAborted);
    }

    private static async Task WriteTokensAsync(HttpContext context, IReadOnlyList<string> tokens, TimeSpan delay = default, double? logProbability = null)
    {
        foreach (var token in tokens)
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, context.RequestAborted);
            await WriteFrameAsync(context, Chunk(token, logProbability));
        }
    }

    private static Task WriteFrameAsync(HttpContext context, byte[] data) => WriteAsync(context, Frame(data));

    private static byte[] Frame(byte[] data) => [.. "data: "u8, .. data, .. "\n\n"u8];

    private static async Task WriteAsync(HttpContext context, byte[] bytes)
    {
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task WriteBodyAsync(HttpContext context, string contentType, byte[] body)
    {
        context.Response.ContentType = contentType;
        await WriteAsync(context, body);
    }
}
