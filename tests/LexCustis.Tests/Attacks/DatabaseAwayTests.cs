using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task With_PostgreSQL_away_every_route_says_so_and_nothing_is_half_written()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = TcpProxy.Start(new Uri(database.ApplicationUrl).Port);
        await using var server = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DATABASE_URL"] = proxy.Through(database.ApplicationUrl) }, database);
        var admin = await Api.RegisterAsync(server);
        Assert.True((await admin.ChatAsync("How long must providers keep logs?")).Done);
        var rows = await CountAsync(database);

        proxy.Cut();
        var wrong = new List<string>();
        foreach (var route in KnownRoute.Table.Where(static route => route.Template is not ("/healthz" or "/openapi/v1.json")))
        {
            var body = route.Template switch
            {
                "/api/auth/register" => """{"organization_name":"Half written","email":"half.written@example.org","password":"ten letters"}""",
                "/api/auth/login" => $$"""{"email":"{{admin.Email}}","password":"{{admin.Password}}"}""",
                "/api/auth/refresh" => $$"""{"refresh_token":"{{admin.RefreshToken}}"}""",
                "/api/organization" => """{"name":"Half written"}""",
                _ => route.Body,
            };
            var answer = await admin.SendAsync(new HttpMethod(route.Method), route.Path(Guid.CreateVersion7()), route.Method == "GET" ? null : body);
            if (answer.Status != HttpStatusCode.ServiceUnavailable || !answer.Text.Contains("PostgreSQL", StringComparison.Ordinal))
                wrong.Add($"{route.Method} {route.Template}: {(int)answer.Status} {answer.Text}");
        }

        Assert.Empty(wrong);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/healthz")).Status);

        proxy.Restore();
        await Waiting.ForAsync(async () => (await admin.GetAsync("/readyz")).Status == HttpStatusCode.OK ? "ready" : null, "readiness");
        Assert.Equal(rows, await CountAsync(database));
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync("/api/auth/refresh", $$"""{"refresh_token":"{{admin.RefreshToken}}"}""")).Status);
        await admin.AssertLogIsCleanAsync();
        Assert.DoesNotContain("   at ", server.Process.Log, StringComparison.Ordinal);
    }

    private static async Task<string?> CountAsync(TestDatabase database) => await database.ScalarAsync<string>("""
        SELECT concat_ws(' ', (SELECT count(*) FROM organizations), (SELECT count(*) FROM users), (SELECT count(*) FROM sessions), (SELECT count(*) FROM refresh_tokens),
            (SELECT count(*) FROM api_keys), (SELECT count(*) FROM conversations), (SELECT count(*) FROM chat_turns), (SELECT count(*) FROM audit_logs),
            (SELECT string_agg(name, ',') FROM organizations))
        """);
}
