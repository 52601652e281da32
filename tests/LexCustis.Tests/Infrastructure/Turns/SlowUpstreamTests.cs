using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using LexCustis.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace LexCustis.Tests.Infrastructure.Turns;

/// <summary>The server's own parts, put together in this process with limits short enough to wait for.</summary>
public sealed class SlowUpstreamTests(SharedServer shared)
{
    [Theory]
    [InlineData(false, "", "sent no first token")]
    [InlineData(true, "One two ", "sent no further token")]
    public async Task A_silent_model_ends_as_a_timeout_with_what_it_had_said(bool speaks, string partial, string words)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(speaks ? Reply.HangAfter("One ", "two ") : Reply.Hang()));
        await using var app = Assemble(new LlmTimeouts { FirstToken = TimeSpan.FromSeconds(speaks ? 30 : 0.2), BetweenTokens = TimeSpan.FromSeconds(0.2) });
        var cancellation = TestContext.Current.CancellationToken;

        var tenant = new TenantContext(admin.UserId, admin.OrganizationId, "admin", SessionId: null, "api_key");
        var (turn, refusal) = await app.Services.GetRequiredService<TurnAdmission>().AdmitAsync(tenant, new TurnRequest { Message = "Hello?", UseDocuments = false }, cancellation);
        Assert.Null(refusal);
        var heard = new Heard();
        await app.Services.GetRequiredService<TurnPipeline>().RunAsync(turn!, heard, cancellation);

        Assert.Equal(504, heard.Failure!.Status);
        Assert.Contains(words, heard.Failure.Detail, StringComparison.Ordinal);
        Assert.Equal(["start", "sources", .. speaks ? ["token", "token"] : Array.Empty<string>(), "failure", "compliance", "recorded", .. speaks ? ["low confidence"] : Array.Empty<string>(), "done"], heard.Order);
        await upstream.Requests[0].Aborted.WaitAsync(TimeSpan.FromSeconds(20), cancellation);
        var entry = await admin.WaitForTurnAsync();
        Assert.Equal("timeout", entry.Outcome());
        Assert.Equal("timeout", entry.GetProperty("data").GetProperty("failure").Text("kind"));
        Assert.Equal(partial, entry.GetProperty("content").Text("answer"));
        await admin.AssertLogIsCleanAsync();
    }

    private WebApplication Assemble(LlmTimeouts limits)
    {
        var settings = Settings.Read(new EnvironmentReader(LexCustisServer.DefaultEnvironment(shared.Server.Database).GetValueOrDefault));
        var builder = WebApplication.CreateEmptyBuilder(new());
        // Never started, but asked for when the whole is disposed.
        builder.WebHost.UseKestrelCore();
        builder.Services.AddLogging().AddSingleton(settings).AddSingleton(TimeProvider.System);
        builder.Services.AddPostgres(settings.Database).AddRedis(settings.Redis).AddProviders(settings.Providers).AddRetrieval(settings.Retrieval)
            .AddAuditLog(settings.MasterKeys, settings.Checkpoints).AddTurns();
        builder.Services.AddSingleton(new UpstreamClient(limits, TimeProvider.System));
        return builder.Build();
    }

    private sealed class Heard : ITurnObserver
    {
        public List<string> Order { get; } = [];

        public TurnFailure? Failure { get; private set; }

        public ValueTask StartAsync(Guid? conversationId) => Hear("start");

        public ValueTask SourcesAsync(IReadOnlyList<Passage> sources, IReadOnlyList<RetrievalTrouble> degraded) => Hear("sources");

        public ValueTask TokenAsync(string text) => Hear("token");

        public ValueTask FailureAsync(TurnFailure failure)
        {
            Failure = failure;
            return Hear("failure");
        }

        public ValueTask ComplianceAsync(ComplianceReport report) => Hear("compliance");

        public ValueTask RecordedAsync(AuditReceipt receipt) => Hear("recorded");

        public ValueTask LowConfidenceAsync(double confidence, double threshold) => Hear("low confidence");

        public ValueTask DoneAsync(UpstreamReport result) => Hear("done");

        private ValueTask Hear(string what)
        {
            Order.Add(what);
            return ValueTask.CompletedTask;
        }
    }
}
