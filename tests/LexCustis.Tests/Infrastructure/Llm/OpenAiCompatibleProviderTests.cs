using System.Net;
using System.Net.Sockets;
using LexCustis.Infrastructure.Llm;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Llm;

/// <summary>Every way an upstream can answer, over a real connection.</summary>
public sealed class OpenAiCompatibleProviderTests : IAsyncLifetime
{
    private const string Key = "sk-0123456789abcdef";
    private const string Question = "What does our travel policy say about trains and flights?";

    private static readonly LlmTimeouts Quick = new()
    {
        Connect = TimeSpan.FromSeconds(2),
        FirstToken = TimeSpan.FromMilliseconds(200),
        BetweenTokens = TimeSpan.FromMilliseconds(200),
    };

    private static readonly LlmTimeouts Patient = new();

    private ScriptedUpstream _upstream = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Fact]
    public async Task Streams_the_pieces_as_they_are()
    {
        _upstream.Next(Reply.Stream(["Bon", "jour", " ", "", "𝄞\n"], usage: (12, 4), logProbability: -0.5));
        var outcome = await AskAsync();

        Assert.Null(outcome.Failure);
        Assert.Equal(["Bon", "jour", " ", "𝄞\n"], outcome.Pieces);
        Assert.Equal(Reply.Model, outcome.Report.Model);
        Assert.Equal("stop", outcome.Report.FinishReason);
        Assert.Equal((12, 4), (outcome.Report.PromptTokens, outcome.Report.CompletionTokens));
        Assert.Equal(-0.5, outcome.Report.MeanLogProbability);
    }

    [Fact]
    public async Task Gives_each_piece_before_the_next_is_sent()
    {
        _upstream.Next(Reply.HangAfter("first"));
        using var client = new UpstreamClient(Patient, TimeProvider.System);
        await foreach (var piece in Provider(client).StreamChatAsync([new(ChatRole.User, Question)], cancellationToken: Token))
        {
            Assert.Equal("first", piece);
            break;
        }

        // Leaving the loop closes the connection, so that the upstream stops spending.
        await _upstream.Requests[0].Aborted.WaitAsync(Token);
    }

    [Fact]
    public async Task Sends_what_the_protocol_asks_and_nothing_else()
    {
        await AskAsync();
        var request = Assert.Single(_upstream.Requests);

        Assert.Equal("/v1/chat/completions", request.Path);
        Assert.Equal("Bearer " + Key, request.Authorization);
        Assert.Equal(["Accept", "Authorization", "Content-Length", "Content-Type", "Host"], request.HeaderNames.Order(StringComparer.Ordinal));
        Assert.Equal([("system", "Be brief."), ("user", Question)], request.Messages);
        Assert.Equal(["model", "messages", "temperature", "stream", "stream_options"], request.Body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("m", request.Body.GetProperty("model").GetString());
        Assert.Equal(0.3, request.Body.GetProperty("temperature").GetDouble());
        Assert.True(request.Body.GetProperty("stream").GetBoolean());
        Assert.True(request.Body.GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
    }

    [Fact]
    public async Task Sends_no_authorization_without_a_key()
    {
        await AskAsync(key: null);
        Assert.Empty(Assert.Single(_upstream.Requests).Authorization);
    }

    [Fact]
    public async Task Accepts_a_whole_message_instead_of_a_stream()
    {
        _upstream.Next(Reply.Whole("All at once."));
        var outcome = await AskAsync();
        Assert.Equal(["All at once."], outcome.Pieces);
        Assert.Equal("stop", outcome.Report.FinishReason);
    }

    [Theory]
    [InlineData("stop", false)]
    [InlineData(null, true)]
    public async Task A_stream_is_whole_by_its_finish_reason_or_by_done(string? finish, bool done)
    {
        _upstream.Next(Reply.Stream(["a", "b"], finish: finish, done: done));
        var outcome = await AskAsync();
        Assert.Null(outcome.Failure);
        Assert.Equal("ab", outcome.Text);
    }

    [Fact]
    public async Task A_whole_answer_survives_what_breaks_after_it()
    {
        _upstream.Next(Reply.CloseAfter(["a"], finish: "stop"));
        var outcome = await AskAsync();
        Assert.Null(outcome.Failure);
        Assert.Equal("a", outcome.Text);
    }

    [Theory]
    [InlineData(400, "Rejected", "rejected the request: Bad shape")]
    [InlineData(401, "Rejected", "does not accept the API key")]
    [InlineData(403, "Rejected", "denies access")]
    [InlineData(404, "Rejected", "knows no such model or address: Bad shape")]
    [InlineData(422, "Rejected", "rejected the request: Bad shape")]
    [InlineData(500, "Unavailable", "is failing: Bad shape")]
    [InlineData(503, "Unavailable", "is failing: Bad shape")]
    public async Task A_refusal_is_told_in_words(int status, string failure, string words)
    {
        _upstream.Next(Reply.Status(status, "Bad shape."));
        var outcome = await AskAsync();
        Assert.Equal(failure, outcome.Failure?.Failure.ToString());
        Assert.Equal(status, outcome.Failure?.Status);
        Assert.Equal($"The provider openai-compatible answered {status}: it {words}.", outcome.Failure?.Message);
        Assert.Empty(outcome.Pieces);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Thu, 01 Jan 2026 00:00:30 GMT", 30)]
    [InlineData("Wed, 31 Dec 2025 00:00:00 GMT", 0)]
    [InlineData("99999999", 86_400)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public async Task A_limit_tells_when_to_come_back(string? header, int? seconds)
    {
        _upstream.Next(Reply.Status(429, retryAfter: header));
        var failure = (await AskAsync()).Failure;
        Assert.Equal(UpstreamFailure.RateLimited, failure?.Failure);
        Assert.Equal(seconds, failure?.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _upstream.Next((context, _) =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/v1/chat/completions";
            return Task.CompletedTask;
        });
        Assert.Equal(UpstreamFailure.Rejected, (await AskAsync()).Failure?.Failure);
        Assert.Single(_upstream.Requests);
    }

    [Theory]
    [InlineData("text/html", "<html>Welcome</html>")]
    [InlineData("text/html; charset=utf-8", "data: {}")]
    [InlineData("application/json", "{\"unexpected\":true}")]
    [InlineData("application/json", "not json")]
    [InlineData("application/json", "")]
    [InlineData("text/event-stream", "data: not json\n\n")]
    [InlineData("text/event-stream", "data: [1,2]\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n")]
    public async Task Garbage_is_malformed_and_never_quoted(string contentType, string body)
    {
        _upstream.Next(Reply.Body(contentType, body));
        var failure = (await AskAsync()).Failure;
        Assert.Equal(UpstreamFailure.Malformed, failure?.Failure);
        Assert.DoesNotContain("Welcome", failure!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_after_tokens_keeps_the_tokens()
    {
        _upstream.Next(Reply.TokensThenFrames(["a", "b"], "{\"choices\":"));
        var outcome = await AskAsync();
        Assert.Equal("ab", outcome.Text);
        Assert.Equal(UpstreamFailure.Malformed, outcome.Failure?.Failure);
    }

    [Fact]
    public async Task A_huge_frame_is_malformed()
    {
        _upstream.Next(Reply.HugeFrame(ServerSentEventReader.DefaultLimit));
        Assert.Equal(UpstreamFailure.Malformed, (await AskAsync()).Failure?.Failure);
    }

    [Fact]
    public async Task A_huge_whole_message_is_malformed()
    {
        _upstream.Next(Reply.Whole(new string('x', ServerSentEventReader.DefaultLimit)));
        Assert.Equal(UpstreamFailure.Malformed, (await AskAsync()).Failure?.Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_ends_early_is_cut(bool inMidBody)
    {
        _upstream.Next(inMidBody ? Reply.CloseAfter(["a", "b"]) : Reply.EndAfter("a", "b"));
        var outcome = await AskAsync();
        Assert.Equal("ab", outcome.Text);
        Assert.Equal(UpstreamFailure.Cut, outcome.Failure?.Failure);
    }

    [Fact]
    public async Task A_stream_that_is_reset_is_cut()
    {
        var read = new TaskCompletionSource();
        _upstream.Next(Reply.ResetAfter(read.Task, "a"));
        var outcome = await AskAsync(onPiece: read.SetResult);
        Assert.Equal("a", outcome.Text);
        Assert.Equal(UpstreamFailure.Cut, outcome.Failure?.Failure);
    }

    [Theory]
    [InlineData("server_error", "Unavailable")]
    [InlineData("rate_limit_exceeded", "RateLimited")]
    public async Task An_error_in_the_stream_is_told(string code, string failure)
    {
        _upstream.Next(Reply.ErrorAfter(["a"], "The model is overloaded.", code));
        var outcome = await AskAsync();
        Assert.Equal("a", outcome.Text);
        Assert.Equal(failure, outcome.Failure?.Failure.ToString());
        Assert.Equal("The provider openai-compatible reported an error: The model is overloaded.", outcome.Failure?.Message);
    }

    [Fact]
    public async Task Mistrals_finish_reason_error_is_told()
    {
        _upstream.Next(Reply.Stream(["a"], finish: "error"));
        var outcome = await AskAsync();
        Assert.Equal("a", outcome.Text);
        Assert.Equal(UpstreamFailure.Unavailable, outcome.Failure?.Failure);
    }

    [Fact]
    public async Task An_error_instead_of_an_answer_is_told()
    {
        _upstream.Next(Reply.Body("application/json", """{"error":{"message":"No such model.","code":404}}"""));
        Assert.Equal(UpstreamFailure.Rejected, (await AskAsync()).Failure?.Failure);
    }

    [Theory]
    [InlineData("The key sk-0123456789abcdef is wrong")]
    [InlineData("Key ending in 89ABCDEF is wrong")]
    [InlineData("Bad input: 'our travel policy say about trains'")]
    public async Task A_message_that_repeats_key_or_prompt_is_withheld(string message)
    {
        _upstream.Next(Reply.Status(400, message)).Next(Reply.ErrorAfter([], message));
        Assert.Equal("The provider openai-compatible answered 400: it rejected the request.", (await AskAsync()).Failure?.Message);
        Assert.Equal("The provider openai-compatible reported an error.", (await AskAsync()).Failure?.Message);
    }

    [Fact]
    public async Task A_message_is_cut_and_cleaned()
    {
        _upstream.Next(Reply.Status(500, "one\r\n\u0007two\u202E" + new string('z', 500)));
        var message = (await AskAsync()).Failure!.Message;
        Assert.Contains("one twoz", message, StringComparison.Ordinal);
        Assert.Equal(193, message.Count(c => c == 'z'));
    }

    [Fact]
    public async Task No_answer_is_a_timeout()
    {
        _upstream.Next(Reply.Hang());
        await TimesOutAsync(Quick, "sent no first token within 0.2 s");
    }

    [Fact]
    public async Task No_first_token_is_a_timeout()
    {
        _upstream.Next(Reply.HangAfter());
        await TimesOutAsync(Quick, "sent no first token within 0.2 s");
    }

    [Fact]
    public async Task No_next_token_is_a_timeout()
    {
        _upstream.Next(Reply.HangAfter("a"));
        await TimesOutAsync(Quick with { FirstToken = TimeSpan.FromSeconds(20) }, "sent no further token within 0.2 s", "a");
        await _upstream.Requests[0].Aborted.WaitAsync(Token);
    }

    [Fact]
    public async Task Comments_are_no_tokens()
    {
        _upstream.Next(Reply.CommentsAfter("a"));
        await TimesOutAsync(Quick with { FirstToken = TimeSpan.FromSeconds(20) }, "sent no further token within 0.2 s", "a");
    }

    [Fact]
    public async Task A_drip_of_bytes_is_no_token()
    {
        _upstream.Next(Reply.Drip(TimeSpan.FromMilliseconds(10), "a"));
        await TimesOutAsync(Quick, "sent no first token within 0.2 s");
    }

    [Fact]
    public async Task An_answer_without_end_is_a_timeout()
    {
        _upstream.Next(Reply.Stream([.. Enumerable.Repeat("a", 10_000)], delay: TimeSpan.FromMilliseconds(20)));
        var outcome = await AskAsync(Patient with { Total = TimeSpan.FromMilliseconds(300) });
        Assert.Equal("The provider openai-compatible did not finish within 0.3 s.", outcome.Failure?.Message);
    }

    [Fact]
    public async Task The_reader_of_an_answer_may_take_its_time()
    {
        _upstream.Next(Reply.Tokens("a", "b"));
        using var client = new UpstreamClient(Quick with { FirstToken = TimeSpan.FromSeconds(20) }, TimeProvider.System);
        var text = "";
        await foreach (var piece in Provider(client).StreamChatAsync([new(ChatRole.User, Question)], cancellationToken: Token))
        {
            text += piece;
            await Task.Delay(2 * Quick.BetweenTokens, Token);
        }

        Assert.Equal("ab", text);
    }

    [Fact]
    public async Task A_refused_connection_is_unavailable()
    {
        await _upstream.DisposeAsync();
        var outcome = await AskAsync();
        Assert.Equal(UpstreamFailure.Unavailable, outcome.Failure?.Failure);
        Assert.Equal("The provider openai-compatible cannot be reached: no connection.", outcome.Failure?.Message);
    }

    [Fact]
    public async Task Failed_tls_is_unavailable()
    {
        var outcome = await AskAsync(baseUrl: _upstream.BaseUrl.Replace("http:", "https:", StringComparison.Ordinal));
        Assert.Equal("The provider openai-compatible cannot be reached: TLS failed.", outcome.Failure?.Message);
        Assert.Equal(UpstreamFailure.Unavailable, outcome.Failure?.Failure);
    }

    [Fact]
    public async Task A_handshake_that_hangs_is_a_timeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var outcome = await AskAsync(Patient with { Connect = TimeSpan.FromMilliseconds(200) }, $"https://{silent.LocalEndpoint}");
        Assert.Equal("The provider openai-compatible did not accept a connection within 0.2 s.", outcome.Failure?.Message);
        Assert.Equal(UpstreamFailure.Timeout, outcome.Failure?.Failure);
    }

    [Theory]
    [InlineData("HELLO\r\n\r\n", "Malformed")]
    [InlineData("", "Unavailable")]
    public async Task A_server_that_is_none_is_told(string answer, string failure)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asking = AskAsync(baseUrl: $"http://{listener.LocalEndpoint}");
        using (var connection = await listener.AcceptTcpClientAsync(Token))
        {
            // Read first: closing with unread bytes would reset the connection before the answer arrives.
            await connection.GetStream().ReadExactlyAsync(new byte[100], Token);
            await connection.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), Token);
            connection.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal(failure, (await asking).Failure?.Failure.ToString());
        }
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://2852039166/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[64:ff9b::169.254.169.254]/")]
    public async Task A_metadata_address_is_never_called(string baseUrl)
    {
        var failure = (await AskAsync(baseUrl: baseUrl)).Failure;
        Assert.Equal(UpstreamFailure.Rejected, failure?.Failure);
        Assert.Contains("never allowed", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_unavailable()
    {
        // Not by asking a resolver, which answers differently, and late, from machine to machine.
        using var handler = new FailingHandler(new HttpRequestException(HttpRequestError.NameResolutionError, "internal detail"));
        using var client = new UpstreamClient(handler, Patient, TimeProvider.System);
        var outcome = await AskAsync(client);
        Assert.Equal(UpstreamFailure.Unavailable, outcome.Failure?.Failure);
        Assert.Equal("The provider openai-compatible cannot be reached: its host name does not resolve.", outcome.Failure?.Message);
    }

    [Fact]
    public async Task Cancellation_before_the_answer_is_the_callers_own()
    {
        var arrived = new TaskCompletionSource();
        _upstream.Next((context, request) =>
        {
            arrived.SetResult();
            return Reply.Hang()(context, request);
        });
        using var client = new UpstreamClient(Patient, TimeProvider.System);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var pieces = Provider(client).StreamChatAsync([new(ChatRole.User, Question)], cancellationToken: cancel.Token).GetAsyncEnumerator(cancel.Token);
        var first = pieces.MoveNextAsync();
        await arrived.Task.WaitAsync(Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);
        await pieces.DisposeAsync();
        await _upstream.Requests[0].Aborted.WaitAsync(Token);
    }

    [Fact]
    public async Task Cancellation_amid_the_answer_closes_the_connection()
    {
        _upstream.Next(Reply.HangAfter("a"));
        using var client = new UpstreamClient(Patient, TimeProvider.System);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Provider(client).StreamChatAsync([new(ChatRole.User, Question)], cancellationToken: cancel.Token))
                await cancel.CancelAsync();
        });
        await _upstream.Requests[0].Aborted.WaitAsync(Token);
    }

    [Fact]
    public async Task Nothing_is_tried_twice()
    {
        _upstream.Otherwise = Reply.ResetAfter(Task.CompletedTask);
        Assert.NotNull((await AskAsync()).Failure);
        _upstream.Otherwise = Reply.Status(503);
        Assert.NotNull((await AskAsync()).Failure);
        Assert.Equal(2, _upstream.Requests.Count);
    }

    private async Task TimesOutAsync(LlmTimeouts timeouts, string words, string text = "")
    {
        var outcome = await AskAsync(timeouts);
        Assert.Equal(UpstreamFailure.Timeout, outcome.Failure?.Failure);
        Assert.Equal($"The provider openai-compatible {words}.", outcome.Failure?.Message);
        Assert.Equal(text, outcome.Text);
    }

    private async Task<Outcome> AskAsync(LlmTimeouts? timeouts = null, string? baseUrl = null, string? key = Key, Action? onPiece = null)
    {
        using var client = new UpstreamClient(timeouts ?? Patient, new FixedClock());
        return await AskAsync(client, baseUrl, key, onPiece);
    }

    private async Task<Outcome> AskAsync(UpstreamClient client, string? baseUrl = null, string? key = Key, Action? onPiece = null)
    {
        var outcome = new Outcome();
        try
        {
            List<ChatMessage> prompt = [new(ChatRole.System, "Be brief."), new(ChatRole.User, Question)];
            await foreach (var piece in Provider(client, baseUrl, key).StreamChatAsync(prompt, report: outcome.Report, cancellationToken: Token))
            {
                Assert.NotEmpty(piece);
                outcome.Pieces.Add(piece);
                onPiece?.Invoke();
            }
        }
        catch (UpstreamException e)
        {
            Assert.DoesNotContain(Key, e.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Question, e.ToString(), StringComparison.Ordinal);
            outcome.Failure = e;
        }

        return outcome;
    }

    private OpenAiCompatibleProvider Provider(UpstreamClient client, string? baseUrl = null, string? key = Key)
    {
        Assert.True(ProviderUrl.TryParse(baseUrl ?? _upstream.BaseUrl, out var endpoint, out _));
        return new OpenAiCompatibleProvider(client, endpoint, key, "m", "test");
    }

    private sealed class Outcome
    {
        public List<string> Pieces { get; } = [];

        public string Text => string.Concat(Pieces);

        public UpstreamReport Report { get; } = new();

        public UpstreamException? Failure { get; set; }
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    private sealed class FailingHandler(Exception exception) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(exception);
    }
}
