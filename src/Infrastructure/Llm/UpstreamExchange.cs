using System.Buffers;
using System.Net;

namespace LexCustis.Infrastructure.Llm;

/// <summary>
/// One request to an OpenAI-compatible server and its answer, read piece by piece. Whatever goes wrong leaves it as an
/// <see cref="UpstreamException"/>, except the caller's own cancellation. Nothing is tried twice: a request that failed may have
/// been billed, and part of an answer may have been shown.
/// </summary>
internal sealed class UpstreamExchange : IDisposable
{
    private const int MaxErrorBody = 16 * 1024;

    private readonly UpstreamClient _client;
    private readonly string _provider;
    private readonly string? _apiKey;
    private readonly IReadOnlyList<ChatMessage> _prompt;
    private readonly UpstreamReport _report;
    private readonly ChatChunkReader _chunks;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _total;
    private readonly CancellationTokenSource _limit;

    private HttpResponseMessage? _response;
    private ServerSentEventReader? _events;
    private bool _hasText;
    private bool _ended;

    /// <param name="apiKey">Known here, like the prompt, only to keep both out of messages.</param>
    public UpstreamExchange(
        UpstreamClient client, string provider, string? apiKey, IReadOnlyList<ChatMessage> prompt, UpstreamReport report, CancellationToken caller)
    {
        _client = client;
        _provider = provider;
        _apiKey = apiKey;
        _prompt = prompt;
        _report = report;
        _chunks = new ChatChunkReader(report);
        _caller = caller;
        _total = new CancellationTokenSource(client.Timeouts.Total);
        _limit = CancellationTokenSource.CreateLinkedTokenSource(caller, _total.Token);
    }

    /// <summary>Sends the request and sees that it was accepted.</summary>
    public async Task OpenAsync(HttpRequestMessage request)
    {
        try
        {
            _limit.CancelAfter(_client.Timeouts.FirstToken);
            _response = await _client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _limit.Token);
            if (!_response.IsSuccessStatusCode)
                throw await RefusedAsync(_response);
            if (MediaType is "text/html")
                throw new InvalidDataException("it sent a web page instead of an answer; is the base URL right?");
        }
        catch (Exception e) when (IsUpstreams(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>The next piece of the answer, never empty; null when the answer is whole.</summary>
    public async ValueTask<string?> NextAsync()
    {
        if (_ended)
            return null;
        try
        {
            var stream = await _response!.Content.ReadAsStreamAsync(_limit.Token);
            if (MediaType is "application/json")
                return await ReadWholeAsync(stream);
            _events ??= new ServerSentEventReader(stream);
            return await ReadPieceAsync(_events);
        }
        catch (Exception e) when (IsUpstreams(e))
        {
            // The answer is whole, and only the count of its tokens is missing.
            if (_chunks.Finished && e is not InvalidDataException && !_caller.IsCancellationRequested)
                return null;
            throw Translate(e);
        }
    }

    /// <summary>Closes the connection unless the answer was read to its end, which makes the upstream stop generating.</summary>
    public void Dispose()
    {
        _response?.Dispose();
        _limit.Dispose();
        _total.Dispose();
    }

    private string? MediaType => _response!.Content.Headers.ContentType?.MediaType;

    private async ValueTask<string?> ReadPieceAsync(ServerSentEventReader events)
    {
        if (_hasText)
            _limit.CancelAfter(_client.Timeouts.BetweenTokens);
        while (await events.ReadAsync(_limit.Token))
        {
            _limit.CancelAfter(_hasText ? _client.Timeouts.BetweenTokens : _client.Timeouts.FirstToken);
            if (events.Data.IsEmpty)
                continue;
            if (events.Data.Trim((byte)' ').SequenceEqual("[DONE]"u8))
            {
                _ended = true;
                return null;
            }

            if (ReadChunk(events.Data) is not { } piece)
                continue;
            _hasText = true;
            // The time that the caller takes over a piece is not the upstream's.
            _limit.CancelAfter(Timeout.InfiniteTimeSpan);
            return piece;
        }

        _ended = true;
        return _chunks.Finished ? null : throw Failed(UpstreamFailure.Cut, "ended its answer before it was complete");
    }

    /// <summary>Some servers don't stream, and answer a request to stream with the whole message.</summary>
    private async ValueTask<string?> ReadWholeAsync(Stream stream)
    {
        _ended = true;
        var body = new ArrayBufferWriter<byte>();
        while (await stream.ReadAsync(body.GetMemory(4096), _limit.Token) is var read and > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > ServerSentEventReader.DefaultLimit)
                throw new InvalidDataException("the answer is too large");
        }

        return ReadChunk(body.WrittenSpan);
    }

    private string? ReadChunk(ReadOnlySpan<byte> json)
    {
        var piece = _chunks.Read(json);
        if (_report.FinishReason is "error")
            throw Failed(UpstreamFailure.Unavailable, "gave up on its answer");
        if (_chunks.Error is not { } error)
            return piece;

        var failure = error.Status switch
        {
            >= 400 and var status => FailureOf(status),
            _ when error.Code is "rate_limit_exceeded" => UpstreamFailure.RateLimited,
            _ => UpstreamFailure.Unavailable,
        };
        throw Failed(failure, "reported an error" + Detail(error.Message), error.Status);
    }

    private async Task<UpstreamException> RefusedAsync(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var retryAfter = RetryAfter(response);
        var cause = status switch
        {
            // Without the upstream's words, which like to repeat part of the key.
            401 => _apiKey is null ? "wants an API key" : "does not accept the API key",
            403 => "denies access",
            404 => "knows no such model or address" + await DetailAsync(response),
            429 => "is limiting requests" + (retryAfter is { } wait ? $"; try again in {Seconds(wait)}" : ""),
            < 400 => "answered with a redirect, which is never followed; is the base URL right?",
            < 500 => "rejected the request" + await DetailAsync(response),
            _ => "is failing" + await DetailAsync(response),
        };
        return Failed(FailureOf(status), $"answered {status}: it {cause}", status, retryAfter);
    }

    private static UpstreamFailure FailureOf(int status) => status switch
    {
        (int)HttpStatusCode.TooManyRequests => UpstreamFailure.RateLimited,
        < 500 => UpstreamFailure.Rejected,
        _ => UpstreamFailure.Unavailable,
    };

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? header?.Date - _client.Clock.GetUtcNow();
        return wait is { } known ? TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(known.TotalSeconds), 0, 86_400)) : null;
    }

    /// <summary>The status already says what happened; its explanation is read only as far and as long as it's cheap.</summary>
    private async Task<string> DetailAsync(HttpResponseMessage response)
    {
        var body = new byte[MaxErrorBody];
        try
        {
            _limit.CancelAfter(_client.Timeouts.Connect);
            await using var stream = await response.Content.ReadAsStreamAsync(_limit.Token);
            var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, _limit.Token);
            return Detail(UpstreamErrorText.FromBody(body.AsMemory(0, length)));
        }
        catch (Exception e) when (IsUpstreams(e) && !_caller.IsCancellationRequested)
        {
            return "";
        }
    }

    private string Detail(string? message) => UpstreamErrorText.Clean(message, _apiKey, _prompt) is { } text ? $": {text}" : "";

    private static bool IsUpstreams(Exception e) => e is OperationCanceledException or HttpRequestException or IOException or InvalidDataException;

    /// <summary>Looks at the tokens before the exception, because a cancelled read may surface as a broken connection.</summary>
    private Exception Translate(Exception e)
    {
        if (_caller.IsCancellationRequested)
            return new OperationCanceledException(e.Message, e, _caller);
        var limits = _client.Timeouts;
        if (_total.IsCancellationRequested)
            return Failed(UpstreamFailure.Timeout, $"did not finish within {Seconds(limits.Total)}", inner: e);
        if (_limit.IsCancellationRequested)
            return Failed(UpstreamFailure.Timeout, _hasText
                ? $"sent no further token within {Seconds(limits.BetweenTokens)}"
                : $"sent no first token within {Seconds(limits.FirstToken)}", inner: e);

        return e switch
        {
            OperationCanceledException => Failed(UpstreamFailure.Timeout, $"did not accept a connection within {Seconds(limits.Connect)}", inner: e),
            InvalidDataException => Failed(UpstreamFailure.Malformed, $"broke the protocol: {e.Message}"),
            HttpRequestException { InnerException: ForbiddenAddressException } =>
                Failed(UpstreamFailure.Rejected, "has a base URL that leads to an address which is never allowed"),
            HttpRequestException http => http.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => Failed(UpstreamFailure.Unavailable, "cannot be reached: its host name does not resolve", inner: e),
                HttpRequestError.SecureConnectionError => Failed(UpstreamFailure.Unavailable, "cannot be reached: TLS failed", inner: e),
                HttpRequestError.ConnectionError => Failed(UpstreamFailure.Unavailable, "cannot be reached: no connection", inner: e),
                HttpRequestError.InvalidResponse => Failed(UpstreamFailure.Malformed, "broke the protocol: it does not speak HTTP", inner: e),
                _ => Failed(UpstreamFailure.Unavailable, "closed the connection before it answered", inner: e),
            },
            _ => Failed(UpstreamFailure.Cut, "broke the connection before its answer was complete", inner: e),
        };
    }

    private UpstreamException Failed(UpstreamFailure failure, string cause, int? status = null, TimeSpan? retryAfter = null, Exception? inner = null) =>
        new(failure, $"The provider {_provider} {cause}.", status, retryAfter, inner);

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";
}
