using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// The one way a turn goes, whichever door it came through: check, show the sources, stream, check again, record. Once begun it always
/// ends in the log: a client that leaves, an upstream that fails or a server that stops only changes its outcome.
/// </summary>
internal sealed partial class TurnPipeline(
    AuditLog audit, SuspensionWatch suspensions, AnswerComparisons comparisons, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<TurnPipeline> logger)
{
    private const double DefaultTemperature = 0.3;

    /// <param name="clientGone">Cancelled when the client closes the connection; ends the streaming, never the recording.</param>
    public async Task RunAsync(AdmittedTurn turn, ITurnObserver observer, CancellationToken clientGone)
    {
        using var comparison = comparisons.Begin(turn);
        var progress = new Progress(clock, comparison);
        var listener = new Listener(observer);
        var before = TurnChecks.Before(turn.Request.Message);
        var injectedSources = PromptInjection.FindInSources(turn.Sources);
        await listener.TellAsync(static (observer, turn) => observer.StartAsync(turn.ConversationId), turn);
        await listener.TellAsync(static (observer, turn) => observer.SourcesAsync(turn.Sources, turn.Degraded), turn);
        await StreamAsync(turn, progress, listener, clientGone);
        if (progress.Failure is { } failure)
            await listener.TellAsync(static (observer, failure) => observer.FailureAsync(failure), failure);

        var answer = progress.Answer.ToString();
        var cosines = comparison is null ? null : await comparison.EndAsync(answer, wait: progress.Outcome == TurnOutcome.Completed);
        var after = TurnChecks.After(turn.Request.Message, answer, turn.Sources, progress.Upstream.MeanLogProbability, cosines);
        var report = TurnChecks.Report(before, injectedSources, after);
        await listener.TellAsync(static (observer, report) => observer.ComplianceAsync(report), report);
        await RecordAsync(turn, progress, report, listener);
        if (report.Confidence.Score < turn.Organization.LowConfidenceThreshold && progress.Answer.Length > 0)
        {
            await listener.TellAsync(static (observer, state) => observer.LowConfidenceAsync(state.Score, state.Threshold),
                (report.Confidence.Score, Threshold: turn.Organization.LowConfidenceThreshold));
        }

        await listener.TellAsync(static (observer, upstream) => observer.DoneAsync(upstream), progress.Upstream);
    }

    /// <summary>Passes the model's pieces on as they come, and settles the outcome.</summary>
    private async Task StreamAsync(AdmittedTurn turn, Progress progress, Listener listener, CancellationToken clientGone)
    {
        using var watched = suspensions.Watch(turn.Tenant.OrganizationId, turn.Organization.Suspensions);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(clientGone, lifetime.ApplicationStopping, watched.Suspended);
        try
        {
            // A client that keeps its own conversations has chosen what of them to send; the request's limit bounds it.
            var historyBudget = turn.Request.History is null ? PromptBuilder.DefaultHistoryBudget : TurnRequest.MaximumMessageLength;
            var prompt = PromptBuilder.Build(turn.Organization.SystemPrompt, turn.Sources, turn.History, turn.Request.Message, historyBudget);
            await foreach (var text in turn.Provider.StreamChatAsync(prompt, TemperatureOf(turn), progress.Upstream, stop.Token).WithCancellation(stop.Token))
            {
                progress.Add(text);
                await listener.TellAsync(static (observer, text) => observer.TokenAsync(text), text);
                if (listener.IsGone)
                    break;
            }

            if (listener.IsGone)
                progress.Outcome = TurnOutcome.Stopped;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !clientGone.IsCancellationRequested)
        {
            progress.Fail(TurnOutcome.Shutdown, new TurnFailure(StatusCodes.Status503ServiceUnavailable, "The server is stopping", "The server is restarting: ask again in a moment."));
        }
        catch (OperationCanceledException) when (watched.Suspended.IsCancellationRequested && !clientGone.IsCancellationRequested)
        {
            progress.Fail(TurnOutcome.Suspended, new TurnFailure(
                StatusCodes.Status503ServiceUnavailable, TurnAdmission.SuspendedTitle, TurnAdmission.DescribeSuspension(watched.Reason), TurnOutcome.Suspended));
        }
        catch (OperationCanceledException)
        {
            progress.Outcome = TurnOutcome.Stopped;
        }
        catch (UpstreamException failure)
        {
            progress.Upset = failure;
            progress.Fail(OutcomeOf(failure.Failure), Describe(failure));
        }
        catch (Exception failure)
        {
            // Tokens are spent: whatever broke here must not keep the turn out of the log.
            LogBroken(turn.Id, Problems.Summary(failure));
            progress.Fail(TurnOutcome.UpstreamError, new TurnFailure(StatusCodes.Status500InternalServerError, "Something went wrong here", "The answer broke off for a reason that is in the server's log."));
        }
    }

    private async Task RecordAsync(AdmittedTurn turn, Progress progress, ComplianceReport report, Listener listener)
    {
        var content = turn.SubjectKey is null ? null : SubjectKeys.Seal(turn.SubjectKey, turn.Id, new TurnContent(turn.Request.Message, progress.Answer.ToString(), turn.Sources)
        {
            History = turn.Request.History?.Select(static message => new TurnMessage(TurnMessage.RoleOf(message.Role), message.Content)).ToList(),
        }.ToJson());
        var entry = AuditEntries.ChatCompleted(turn.Id, turn.Tenant.OrganizationId, turn.Tenant.Actor, content, json => WriteFacts(json, turn, progress, report));
        try
        {
            var receipt = await audit.AppendAsync(entry, AuditLog.Patience);
            TurnMeter.Record(progress.Outcome, turn.Provider.Name, clock.GetElapsedTime(progress.Started), progress.FirstTokenAfter, FlagsOf(turn, progress, report));
            await listener.TellAsync(static (observer, receipt) => observer.RecordedAsync(receipt), receipt);
        }
        catch (Exception failure)
        {
            // The turn's row in chat_turns stands, so the log will get an entry for it once PostgreSQL is back.
            LogUnrecorded(turn.Id, failure.GetType().Name);
            await listener.TellAsync(static (observer, failure) => observer.FailureAsync(failure),
                new TurnFailure(StatusCodes.Status503ServiceUnavailable, "The turn could not be recorded yet", "PostgreSQL is not available: the turn will be recorded as interrupted."));
        }
    }

    /// <summary>The members of <c>data</c>: kinds, counts and figures, never text that a person or model wrote.</summary>
    private void WriteFacts(Utf8JsonWriter json, AdmittedTurn turn, Progress progress, ComplianceReport report)
    {
        json.WriteString("outcome"u8, progress.Outcome);
        json.WriteString("provider"u8, turn.Provider.Name);
        json.WriteString("model"u8, progress.Upstream.Model ?? turn.Provider.Model);
        json.WriteString("region"u8, turn.Provider.DataRegion);
        if (turn.ConversationId is { } conversation)
            json.WriteString("conversation_id"u8, conversation);
        json.WriteNumber("temperature"u8, TemperatureOf(turn));
        WriteCounts(json, "pii"u8, report.Pii.Input.Concat(report.Pii.Output).Select(static finding => finding.Type));
        WriteNames(json, "injection"u8, report.Injection.Input.Concat(report.Injection.Sources).Select(static finding => finding.Type));
        WriteNames(json, "bias"u8, report.Bias.Select(static finding => finding.Ground ?? finding.Type));
        json.WriteNumber("confidence"u8, Math.Round(report.Confidence.Score, 4));
        json.WriteNumber("grounding"u8, Math.Round(report.Grounding.Score, 4));
        if (report.Grounding.ComparedByMeaning is { } compared)
            json.WriteNumber("compared_by_meaning"u8, compared);
        var flags = FlagsOf(turn, progress, report);
        if (flags.Count > 0)
            WriteNames(json, "flags"u8, flags);
        WriteNames(json, "sources"u8, turn.Sources.Select(static source => source.Id));
        if (turn.Degraded.Count > 0)
            WriteNames(json, "degraded"u8, turn.Degraded.Select(static trouble => trouble.Reason));
        WriteUpstream(json, progress);
        json.WriteNumber("duration_ms"u8, (long)clock.GetElapsedTime(progress.Started).TotalMilliseconds);
    }

    private static void WriteUpstream(Utf8JsonWriter json, Progress progress)
    {
        if (progress.Upset is { } failure)
        {
            json.WriteStartObject("failure"u8);
            json.WriteString("kind"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Failure.ToString()));
            if (failure.Status is { } status)
                json.WriteNumber("status"u8, status);
            json.WriteEndObject();
        }

        if (progress.Upstream.PromptTokens is { } promptTokens)
            json.WriteNumber("prompt_tokens"u8, promptTokens);
        if (progress.Upstream.CompletionTokens is { } completionTokens)
            json.WriteNumber("completion_tokens"u8, completionTokens);
        if (progress.Upstream.FinishReason is { } finish)
            json.WriteString("finish_reason"u8, finish);
        if (progress.FirstTokenAfter is { } firstToken)
            json.WriteNumber("first_token_ms"u8, (long)firstToken.TotalMilliseconds);
    }

    /// <summary>What a person should look at; a turn without any is not queued for oversight.</summary>
    private static List<string> FlagsOf(AdmittedTurn turn, Progress progress, ComplianceReport report)
    {
        var flags = new List<string>();
        if (report.Pii.Input.Count + report.Pii.Output.Count > 0)
            flags.Add("pii");
        if (report.Injection.Input.Count + report.Injection.Sources.Count > 0)
            flags.Add("injection");
        if (report.Bias.Count > 0)
            flags.Add("bias");
        if (progress.Answer.Length > 0 && report.Confidence.Score < turn.Organization.LowConfidenceThreshold)
            flags.Add("low_confidence");
        return flags;
    }

    private static void WriteCounts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> types)
    {
        json.WriteStartObject(name);
        foreach (var (type, count) in types.CountBy(static type => type, StringComparer.Ordinal))
            json.WriteNumber(type, count);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> names)
    {
        json.WriteStartArray(name);
        foreach (var one in names.Distinct(StringComparer.Ordinal))
            json.WriteStringValue(one);
        json.WriteEndArray();
    }

    private static double TemperatureOf(AdmittedTurn turn) => turn.Request.Temperature ?? turn.Organization.Temperature ?? DefaultTemperature;

    private static string OutcomeOf(UpstreamFailure failure) => failure switch
    {
        UpstreamFailure.Timeout => TurnOutcome.Timeout,
        UpstreamFailure.Cut => TurnOutcome.UpstreamCut,
        _ => TurnOutcome.UpstreamError,
    };

    private static TurnFailure Describe(UpstreamException failure) => failure.Failure switch
    {
        UpstreamFailure.RateLimited => new(StatusCodes.Status503ServiceUnavailable, "The model's provider is busy",
            failure.RetryAfter is { } wait ? $"{failure.Message} Try again in {Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))} s." : failure.Message),
        UpstreamFailure.Timeout => new(StatusCodes.Status504GatewayTimeout, "The model's provider did not answer in time", failure.Message),
        UpstreamFailure.Cut => new(StatusCodes.Status502BadGateway, "The model's provider broke off", failure.Message),
        _ => new(StatusCodes.Status502BadGateway, "The model's provider failed", failure.Message),
    };

    [LoggerMessage(1201, LogLevel.Error, "Turn {Turn} broke off: {Failure}")]
    private partial void LogBroken(Guid turn, string failure);

    [LoggerMessage(1202, LogLevel.Critical, "Turn {Turn} could not be recorded ({Failure}); it will be recorded as interrupted")]
    private partial void LogUnrecorded(Guid turn, string failure);

    /// <summary>What has come of the turn so far.</summary>
    private sealed class Progress(TimeProvider clock, AnswerComparison? comparison)
    {
        public long Started { get; } = clock.GetTimestamp();

        public StringBuilder Answer { get; } = new();

        public UpstreamReport Upstream { get; } = new();

        public TimeSpan? FirstTokenAfter { get; private set; }

        public string Outcome { get; set; } = TurnOutcome.Completed;

        public TurnFailure? Failure { get; private set; }

        public UpstreamException? Upset { get; set; }

        public void Add(string text)
        {
            FirstTokenAfter ??= clock.GetElapsedTime(Started);
            Answer.Append(text);
            comparison?.Add(text);
        }

        public void Fail(string outcome, TurnFailure failure) => (Outcome, Failure) = (outcome, failure);
    }

    /// <summary>Tells the observer until the client is gone, then nothing more.</summary>
    private sealed class Listener(ITurnObserver observer)
    {
        public bool IsGone { get; private set; }

        public async ValueTask TellAsync<TState>(Func<ITurnObserver, TState, ValueTask> tell, TState state)
        {
            if (IsGone)
                return;
            try
            {
                await tell(observer, state);
            }
            catch (ClientGoneException)
            {
                IsGone = true;
            }
        }
    }
}

/// <summary><c>data.outcome</c> of a <c>chat.completed</c> entry.</summary>
internal static class TurnOutcome
{
    public const string Completed = "completed";
    public const string Stopped = "stopped";
    public const string UpstreamError = "upstream_error";
    public const string UpstreamCut = "upstream_cut";
    public const string Timeout = "timeout";
    public const string Shutdown = "shutdown";
    public const string Suspended = "suspended";
}
