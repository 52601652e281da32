using System.Globalization;
using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Auth;

public sealed class LoginTests(SharedServer shared)
{
    [Fact]
    public async Task Signing_in_takes_the_address_in_any_case_and_answers_as_registering_does()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answer = await LoginAsync($" {admin.Email.ToUpperInvariant()} ", admin.Password);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["access_token", "expires_in", "refresh_token", "token_type", "user"], answer.Json.SortedNames());
        Assert.Equal(admin.UserId, answer.Json.GetProperty("user").GetProperty("user_id").GetGuid());
        Assert.Equal(["organization.registered", "session.started"], (await admin.ReadLogAsync()).Select(static entry => entry.Text("event_type")));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var wrong = await LoginAsync(admin.Email, "not the password");
        var unknown = await LoginAsync("nobody.at.all@example.org", "not the password");

        wrong.Problem(401);
        Assert.Equal((wrong.Status, wrong.MediaType), (unknown.Status, unknown.MediaType));
        Assert.Equal(WithoutTrace(wrong), WithoutTrace(unknown));
        Assert.Equal(wrong.Headers.Select(static header => header.Key), unknown.Headers.Select(static header => header.Key));

        var entry = await Waiting.ForAsync(async () => (await admin.ReadLogOfAsync("session.refused")) is [var one] ? new Tuple<JsonElement>(one) : null, "session.refused");
        Assert.Equal((admin.UserId, "wrong_password"), (entry.Item1.GetProperty("data").GetProperty("user_id").GetGuid(), entry.Item1.GetProperty("data").Text("reason")));
        Assert.Equal(JsonValueKind.Null, entry.Item1.GetProperty("user_id").ValueKind);
    }

    [Fact]
    public async Task Guessing_locks_the_account_for_a_while_whether_it_exists_or_not()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        foreach (var email in (string[])[admin.Email, "guessed.but.nobody@example.org"])
        {
            // In any case and with spaces it is the same account.
            var attempts = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => LoginAsync(number % 2 == 0 ? email : $" {email.ToUpperInvariant()}", "a guess of many")));
            Assert.Contains(attempts, static attempt => (int)attempt.Status == 401);
            var refused = attempts.First(static attempt => (int)attempt.Status == 429);
            refused.Problem(429);
            Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        }
    }

    [Fact]
    public async Task The_right_password_clears_the_attempts_before_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        for (var round = 0; round < 2; round++)
        {
            // Eighteen in all, of which ten would be let through.
            foreach (var attempt in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => LoginAsync(admin.Email, "a guess of many"))))
                Assert.Equal(HttpStatusCode.Unauthorized, attempt.Status);
            Assert.Equal(HttpStatusCode.OK, (await LoginAsync(admin.Email, admin.Password)).Status);
        }
    }

    [Fact]
    public async Task An_address_is_limited_by_what_the_trusted_proxy_says_of_it()
    {
        await using var server = await LexCustisServer.StartAsync(
            new() { ["RATE_LIMIT_PER_MINUTE"] = "3", ["LEXCUSTIS_TRUSTED_PROXIES"] = "127.0.0.1", ["LEXCUSTIS_REDIS_URL"] = "" }, shared.Server.Database);

        Assert.Equal([401, 401, 401, 429], await AttemptsAsync(4, "203.0.113.7"));
        Assert.Equal([401], await AttemptsAsync(1, "203.0.113.8"));
        // What the client itself wrote stands left of what the proxy saw.
        Assert.Equal([429], await AttemptsAsync(1, "198.51.100.1, 203.0.113.7"));
        // An IPv6 subscriber has 2^64 addresses to call from.
        Assert.Equal([401, 401], await AttemptsAsync(2, "2001:db8:0:1::1"));
        Assert.Equal([401, 429], await AttemptsAsync(2, "2001:db8:0:1:ffff::2"));
        Assert.Equal([401], await AttemptsAsync(1, "2001:db8:0:2::1"));

        async Task<List<int>> AttemptsAsync(int count, string forwardedFor)
        {
            var statuses = new List<int>();
            for (var attempt = 0; attempt < count; attempt++)
            {
                using var request = new Api(server.Http, null).Request(HttpMethod.Post, "/api/auth/refresh", """{"refresh_token":"lxr_guess"}""");
                request.Headers.Add("X-Forwarded-For", forwardedFor);
                using var response = await server.Http.SendAsync(request);
                statuses.Add((int)response.StatusCode);
            }

            return statuses;
        }
    }

    [Fact]
    public async Task A_forwarded_address_is_not_believed_from_just_anyone()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["RATE_LIMIT_PER_MINUTE"] = "2", ["LEXCUSTIS_REDIS_URL"] = "" }, shared.Server.Database);
        var statuses = new List<int>();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            using var request = new Api(server.Http, null).Request(HttpMethod.Post, "/api/auth/refresh", """{"refresh_token":"lxr_guess"}""");
            request.Headers.Add("X-Forwarded-For", $"203.0.113.{attempt}");
            using var response = await server.Http.SendAsync(request);
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([401, 401, 429], statuses);
    }

    [Fact]
    public async Task A_hash_made_at_a_lower_cost_is_renewed_at_sign_in()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var salt = new byte[16];
        var weak = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(admin.Password, salt, 1_000, System.Security.Cryptography.HashAlgorithmName.SHA512, 64);
        await shared.Server.Database.ExecuteAsync($"UPDATE users SET password_hash = 'pbkdf2-sha512$1000${Convert.ToBase64String(salt)}${Convert.ToBase64String(weak)}' WHERE id = '{admin.UserId}'");

        await Api.LoginAsync(shared.Server, admin.Email, admin.Password);

        var stored = await shared.Server.Database.ScalarAsync<string>($"SELECT password_hash FROM users WHERE id = '{admin.UserId}'");
        Assert.StartsWith("pbkdf2-sha512$250000$", stored, StringComparison.Ordinal);
        await Api.LoginAsync(shared.Server, admin.Email, admin.Password);
    }

    /// <summary>The trace id is each request's own.</summary>
    private static IEnumerable<string> WithoutTrace(Answer answer) => answer.Json.EnumerateObject().Where(static member => member.Name != "trace_id").Select(static member => member.ToString());

    private Task<Answer> LoginAsync(string email, string password) =>
        new Api(shared.Server.Http, null).PostAsync("/api/auth/login", $$"""{"email":{{Api.Quote(email)}},"password":{{Api.Quote(password)}}}""");
}
