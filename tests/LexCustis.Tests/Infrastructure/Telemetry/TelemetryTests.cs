using System.Collections.Concurrent;
using System.Text;
using LexCustis.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexCustis.Tests.Infrastructure.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_gets_counts_and_durations_and_nothing_personal()
    {
        var received = new ConcurrentQueue<(string Path, string? Key, string Body)>();
        await using var collector = await StartCollectorAsync(received);
        var address = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await using var server = await LexCustisServer.StartAsync(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address, ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=opensesame" });

        var admin = await Api.RegisterAsync(server);
        var frames = await admin.PostAsync("/api/chat", """{"message":"Wer ist Zitronenfalter, zitrone@example.org?"}""");
        Assert.Contains("[DONE]", frames.Text, StringComparison.Ordinal);
        // What was not sent yet is sent at the end.
        await server.Process.StopAsync();

        Assert.Equal(["/v1/metrics", "/v1/traces"], received.Select(static one => one.Path).Distinct().Order());
        Assert.All(received, static one => Assert.Equal("opensesame", one.Key));
        var all = string.Concat(received.Select(static one => one.Body));
        foreach (var expected in (string[])["lexcustis.turn.duration", "lexcustis.turn.flags", "extractive", "completed", "http.server.request.duration", "/api/chat", "audit_logs"])
            Assert.Contains(expected, all, StringComparison.Ordinal);
        foreach (var secret in (string[])["Zitronenfalter", "zitrone@", admin.Email, admin.Password, admin.Token!, admin.UserId.ToString()])
            Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_collector_that_is_away_changes_nothing()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{Binary.FreePort()}", ["OTEL_METRIC_EXPORT_INTERVAL"] = "100" });
        var admin = await Api.RegisterAsync(server);
        Assert.Contains("[DONE]", (await admin.PostAsync("/api/chat", """{"message":"Hello"}""")).Text, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<(string Path, string? Key, string Body)> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        var collector = builder.Build();
        collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            // Protocol Buffers keep text as it is.
            received.Enqueue((http.Request.Path, http.Request.Headers["x-key"], Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync();
        return collector;
    }
}
