using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexCustis.Tests.Harness;

/// <summary>One answer of a <see cref="ScriptedUpstream"/>; those that exist are in <see cref="Reply"/>.</summary>
internal delegate Task Script(HttpContext context, RecordedRequest request);

/// <summary>
/// A server on a free port of 127.0.0.1 that speaks OpenAI's chat completions as well or as badly as a test wants it.
/// A request takes the next queued script, else the first whose words its last user message contains, else <see cref="Otherwise"/>.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Script> _queue = new();
    private readonly ConcurrentQueue<(string Words, Script Script)> _rules = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();

    private ScriptedUpstream()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging(logging => logging.ClearProviders());
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Without a path, e.g. <c>http://127.0.0.1:40123</c>.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>What is answered when no script was queued and no rule fits.</summary>
    public Script Otherwise { get; set; } = Reply.Tokens("Hello", " ", "world", ".");

    /// <summary>Everything that came in, oldest first.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var upstream = new ScriptedUpstream();
        await upstream._app.StartAsync();
        upstream.BaseUrl = upstream._app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return upstream;
    }

    /// <summary>Queues an answer for the next chat request that has none yet.</summary>
    public ScriptedUpstream Next(Script script)
    {
        _queue.Enqueue(script);
        return this;
    }

    /// <summary>Answers so whenever the last user message contains the words.</summary>
    public ScriptedUpstream When(string words, Script script)
    {
        _rules.Enqueue((words, script));
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        // Scripts that hang end now.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var request = await RecordedRequest.ReadAsync(context);
        _requests.Enqueue(request);
        try
        {
            switch (context.Request.Path.Value)
            {
                case "/v1/chat/completions" when HttpMethods.IsPost(context.Request.Method):
                    await ScriptFor(request)(context, request);
                    break;
                case "/v1/models":
                    context.Response.ContentType = "application/json";
                    await context.Response.WriteAsync("""{"object":"list","data":[{"id":"scripted","object":"model","owned_by":"test"}]}""", context.RequestAborted);
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The client left, or the server stops; recorded by the request itself.
        }
    }

    private Script ScriptFor(RecordedRequest request)
    {
        if (_queue.TryDequeue(out var script))
            return script;
        var rule = _rules.FirstOrDefault(r => request.LastUserMessage.Contains(r.Words, StringComparison.Ordinal));
        return rule.Script ?? Otherwise;
    }
}

/// <summary>A request as it came in.</summary>
internal sealed class RecordedRequest
{
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RecordedRequest()
    {
    }

    public required string Path { get; init; }

    /// <summary>The header as sent, e.g. <c>Bearer abc</c>; empty when there was none.</summary>
    public required string Authorization { get; init; }

    /// <summary>The header names sent, to see that nothing else went out.</summary>
    public required IReadOnlyList<string> HeaderNames { get; init; }

    /// <summary>The body's root; undefined where there was no JSON.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Completes when the client closed the connection before the answer was complete.</summary>
    public Task Aborted => _aborted.Task;

    public IReadOnlyList<(string Role, string Content)> Messages => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("messages", out var messages)
        ? [.. messages.EnumerateArray().Select(m => (m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!))]
        : [];

    public string LastUserMessage => Messages.LastOrDefault(m => m.Role == "user").Content ?? "";

    public static async Task<RecordedRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new RecordedRequest
        {
            Path = context.Request.Path.Value ?? "",
            Authorization = context.Request.Headers.Authorization.ToString(),
            HeaderNames = [.. context.Request.Headers.Keys],
            Body = body.Length == 0 ? default : JsonElement.Parse(body.ToArray()),
        };
        context.RequestAborted.Register(request._aborted.SetResult);
        return request;
    }
}
