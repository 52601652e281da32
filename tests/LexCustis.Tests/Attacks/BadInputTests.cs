using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>product.md, "Bad input", line by line, at every address that takes JSON.</summary>
public sealed class BadInputTests(SharedServer shared, OneAdmin one) : IClassFixture<OneAdmin>
{
    private static readonly string[] JsonRoutes =
    [
        "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout", "POST /api/auth/password", "POST /api/users",
        "PATCH /api/users/{self}", "POST /api/users/{self}/erase", "POST /api/api-keys", "PATCH /api/organization", "POST /api/chat", "POST /v1/chat/completions", "POST /api/search", "POST /api/compliance/check",
        "PUT /api/oversight/{self}", "POST /api/oversight/suspend", "POST /api/oversight/resume", "POST /api/incidents", "PATCH /api/incidents/{self}", "PUT /api/dossier/system-card",
    ];

    /// <summary>Every text that a request may carry: a NUL in it must be named, not stumbled over.</summary>
    public static TheoryData<string, string, string> Texts => new()
    {
        { "POST /api/auth/register", "organization_name", """{"organization_name":"AX","email":"nul@example.org","password":"ten letters"}""" },
        { "POST /api/auth/register", "email", """{"organization_name":"A","email":"nulX@example.org","password":"ten letters"}""" },
        { "POST /api/auth/register", "password", """{"organization_name":"A","email":"nul@example.org","password":"ten lettersX"}""" },
        { "POST /api/auth/register", "name", """{"organization_name":"A","email":"nul@example.org","password":"ten letters","name":"X"}""" },
        { "POST /api/auth/login", "email", """{"email":"nulX@example.org","password":"ten letters"}""" },
        { "POST /api/auth/login", "password", """{"email":"nul@example.org","password":"X"}""" },
        { "POST /api/auth/refresh", "refresh_token", """{"refresh_token":"X"}""" },
        { "POST /api/auth/logout", "refresh_token", """{"refresh_token":"X"}""" },
        { "POST /api/auth/password", "new_password", """{"current_password":"a","new_password":"ten lettersX"}""" },
        { "POST /api/users", "email", """{"email":"nulX@example.org","role":"member"}""" },
        { "POST /api/users", "name", """{"email":"nul@example.org","role":"member","name":"X"}""" },
        { "PATCH /api/users/{self}", "name", """{"name":"X"}""" },
        { "POST /api/users/{self}/erase", "reason", """{"reason":"X"}""" },
        { "POST /api/api-keys", "name", """{"name":"kX"}""" },
        { "PATCH /api/organization", "name", """{"name":"X"}""" },
        { "PATCH /api/organization", "model", """{"model":"mX"}""" },
        { "PATCH /api/organization", "system_prompt", """{"system_prompt":"X"}""" },
        { "PATCH /api/organization", "base_url", """{"provider":"ollama","base_url":"http://hX/"}""" },
        { "PATCH /api/organization", "provider_api_key", """{"provider":"ollama","provider_api_key":"X"}""" },
        { "POST /api/chat", "message", """{"message":"Who X is there?"}""" },
        { "POST /v1/chat/completions", "messages", """{"messages":[{"role":"user","content":"Who X is there?"}]}""" },
        { "PUT /api/oversight/{self}", "note", """{"decision":"approved","note":"X"}""" },
        { "PUT /api/oversight/{self}", "corrected_answer", """{"decision":"overridden","corrected_answer":"aX"}""" },
        { "POST /api/oversight/suspend", "reason", """{"reason":"aX"}""" },
        { "POST /api/oversight/resume", "note", """{"note":"X"}""" },
        { "POST /api/incidents", "title", """{"title":"aX"}""" },
        { "POST /api/incidents", "description", """{"title":"a","description":"X"}""" },
        { "PATCH /api/incidents/{self}", "title", """{"title":"aX"}""" },
        { "PATCH /api/incidents/{self}", "aware_at", """{"aware_at":"X"}""" },
        { "POST /api/compliance/check", "text", """{"text":"X"}""" },
        { "PUT /api/dossier/system-card", "sections[0].attestation", """{"version":0,"sections":[{"section":1,"attestation":"X"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_text_that_cannot_be_kept_is_named(string route, string field, string body)
    {
        var admin = one.Admin;
        foreach (var bad in (string[])[@"\u0000", @"\ud800", @"\udc00\ud800"])
            Assert.Equal([field], (await SendAsync(admin, route, body.Replace("X", bad, StringComparison.Ordinal))).WrongFields());
        foreach (var bad in (byte[][])[[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
        {
            var (before, after) = (body[..body.IndexOf('X', StringComparison.Ordinal)], body[(body.IndexOf('X', StringComparison.Ordinal) + 1)..]);
            var answer = await SendAsync(admin, route, [.. Encoding.UTF8.GetBytes(before), .. bad, .. Encoding.UTF8.GetBytes(after)]);
            Assert.Equal([field], answer.WrongFields());
        }
    }

    [Theory]
    [InlineData("POST /api/auth/login", """{"email":7,"password":"x"}""", "email")]
    [InlineData("POST /api/auth/login", "{}", "email,password")]
    [InlineData("POST /api/auth/refresh", """{"refresh_token":["x"]}""", "refresh_token")]
    [InlineData("POST /api/auth/refresh", "{}", "refresh_token")]
    [InlineData("POST /api/auth/register", """{"organization_name":{},"email":"a@example.org","password":"ten letters"}""", "organization_name")]
    [InlineData("POST /api/auth/password", "{}", "current_password,new_password")]
    [InlineData("POST /api/users", """{"email":"a@example.org","role":5}""", "role")]
    [InlineData("POST /api/api-keys", """{"name":true}""", "name")]
    [InlineData("POST /api/chat", "{}", "message")]
    [InlineData("POST /api/chat", """{"message":" \n "}""", "message")]
    [InlineData("POST /api/chat", """{"message":["x"]}""", "message")]
    [InlineData("POST /api/chat", """{"message":"x","conversation_id":"first"}""", "conversation_id")]
    [InlineData("POST /api/chat", """{"message":"x","conversation_id":7}""", "conversation_id")]
    [InlineData("POST /api/chat", """{"message":"x","temperature":2.5}""", "temperature")]
    [InlineData("POST /api/chat", """{"message":"x","temperature":"0.5"}""", "temperature")]
    [InlineData("POST /api/chat", """{"message":"x","temperature":"warm"}""", "temperature")]
    [InlineData("POST /api/chat", """{"message":"x","use_documents":"yes"}""", "use_documents")]
    [InlineData("POST /api/compliance/check", "{}", "text")]
    [InlineData("PUT /api/dossier/system-card", "{}", "sections,version")]
    [InlineData("PUT /api/dossier/system-card", """{"version":"0","sections":[]}""", "version")]
    [InlineData("POST /api/compliance/check", """{"text":"x","role":"system"}""", "role")]
    public async Task A_missing_or_mistyped_field_is_named(string route, string body, string fields)
    {
        var admin = one.Admin;
        Assert.Equal(fields.Split(','), (await SendAsync(admin, route, body)).WrongFields());
    }

    [Theory]
    [InlineData("POST /api/auth/login", "email", 255, """{"email":"X","password":"p"}""")]
    [InlineData("POST /api/auth/login", "password", 257, """{"email":"a@example.org","password":"X"}""")]
    [InlineData("POST /api/auth/refresh", "refresh_token", 201, """{"refresh_token":"X"}""")]
    [InlineData("POST /api/users", "name", 201, """{"email":"a@example.org","role":"member","name":"X"}""")]
    [InlineData("POST /api/api-keys", "name", 101, """{"name":"X"}""")]
    [InlineData("PATCH /api/organization", "name", 201, """{"name":"X"}""")]
    [InlineData("PATCH /api/organization", "system_prompt", 20_001, """{"system_prompt":"X"}""")]
    [InlineData("POST /api/chat", "message", 100_001, """{"message":"X"}""")]
    [InlineData("POST /api/compliance/check", "text", 100_001, """{"text":"X"}""")]
    [InlineData("PUT /api/dossier/system-card", "sections[0].attestation", 20_001, """{"version":0,"sections":[{"section":1,"attestation":"X"}]}""")]
    public async Task An_oversized_field_is_named(string route, string field, int length, string body)
    {
        var admin = one.Admin;
        Assert.Equal([field], (await SendAsync(admin, route, body.Replace("X", new string('a', length), StringComparison.Ordinal))).WrongFields());
    }

    [Theory]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":"hello"}""", "messages")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stream":1}""", "stream")]
    public async Task The_gateway_names_a_bad_parameter_as_its_clients_expect(string body, string parameter)
    {
        var admin = one.Admin;
        var answer = await SendAsync(admin, "POST /v1/chat/completions", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(("invalid_request_error", parameter), (answer.Json.GetProperty("error").Text("type"), answer.Json.GetProperty("error").Text("param")));
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_object_is_named_everywhere()
    {
        var admin = one.Admin;
        foreach (var route in JsonRoutes)
        {
            foreach (var body in (string[])["", " ", "null", "{", "{]", "nonsense", "{\"a\":1}x", "{'a':1}", "\uFEFF"])
            {
                var answer = await SendAsync(admin, route, body);
                Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{route} with {body}: {(int)answer.Status} {answer.Text}");
                Assert.NotEmpty(answer.WrongFields());
            }
        }
    }

    [Fact]
    public async Task Malformed_JSON_is_refused_with_the_place_where_reading_stopped()
    {
        var admin = one.Admin;
        Assert.Equal(["message"], (await SendAsync(admin, "POST /api/chat", """{"message":"x""")).WrongFields());
        Assert.Equal(["temperature"], (await SendAsync(admin, "POST /api/chat", """{"message":"x","temperature":0.5.1}""")).WrongFields());
    }

    [Fact]
    public async Task Deep_nesting_is_refused_everywhere()
    {
        var admin = one.Admin;
        foreach (var depth in (int[])[100, 100_000])
        {
            var deep = $$"""{"email":"a@example.org","password":"p","message":"x","text":"x","nested":{{new string('[', depth)}}{{new string(']', depth)}}}""";
            foreach (var route in JsonRoutes)
            {
                var answer = await SendAsync(admin, route, deep);
                Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{route}: {(int)answer.Status}");
                Assert.True(answer.Text.Length < 4_000, $"{route} repeats the nesting");
            }
        }
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_declared_or_chunked()
    {
        var admin = one.Admin;
        var big = Encoding.UTF8.GetBytes($$"""{"message":"{{new string('a', 1 << 20)}}"}""");
        foreach (var route in JsonRoutes)
        {
            foreach (var chunked in (bool[])[false, true])
            {
                using var request = Request(admin, route, big);
                request.Headers.TransferEncodingChunked = chunked;
                // What is declared is read away before the answer; in chunks, the server cuts the connection while the client still writes.
                request.Headers.ExpectContinue = chunked;
                using var response = await shared.Server.Http.SendAsync(request);
                Assert.True(response.StatusCode == HttpStatusCode.RequestEntityTooLarge, $"{route} chunked={chunked}: {(int)response.StatusCode}");
                Assert.Equal(KnownRoute.ErrorMediaTypeOf(route.Split(' ')[1]), response.Content.Headers.ContentType?.MediaType);
            }
        }
    }

    [Fact]
    public async Task Another_media_type_is_415_everywhere()
    {
        var admin = one.Admin;
        foreach (var route in JsonRoutes)
        {
            foreach (var type in (string?[])["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=klingon", "application/json; charset=utf-16", null])
            {
                using var request = Request(admin, route, "{}"u8.ToArray());
                request.Content!.Headers.Remove("Content-Type");
                if (type is not null)
                    request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                using var response = await shared.Server.Http.SendAsync(request);
                Assert.True(response.StatusCode == HttpStatusCode.UnsupportedMediaType, $"{route} as {type}: {(int)response.StatusCode}");
                Assert.Equal(KnownRoute.ErrorMediaTypeOf(route.Split(' ')[1]), response.Content.Headers.ContentType?.MediaType);
            }
        }
    }

    [Fact]
    public async Task Unknown_fields_are_ignored()
    {
        var admin = one.Admin;
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("/api/api-keys", """{"name":"k","organization_id":"0","id":[{}],"__proto__":null}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync("/api/organization", """{"id":"0","suspended":true,"legal_holds":1}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync("/api/compliance/check", """{"text":"x","TEXTS":7}""")).Status);
        Assert.False((await admin.GetAsync("/api/organization")).Json.GetProperty("suspended").GetBoolean());
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_method_are_problems()
    {
        var anyone = new Api(shared.Server.Http, null);
        foreach (var path in (string[])["/api", "/api/nothing", "/api/audit/..%2f..%2fetc", "/%F0%9F%92%A5", "/api/conversations/1"])
            (await anyone.GetAsync(path)).Problem(404);
        // A NUL in the path the web server itself refuses, without a word.
        Assert.Equal((HttpStatusCode.BadRequest, ""), ((await anyone.GetAsync("/api/audit/%00")).Status, (await anyone.GetAsync("/api/audit/%00")).Text));
        (await anyone.DeleteAsync("/api/auth/login")).Problem(405);
        (await anyone.PutAsync("/api/organization", "{}")).Problem(405);
        (await anyone.GetAsync("/api/chat")).Problem(405);
    }

    [Theory]
    [InlineData("limit=100000000000000000000", "limit")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("cursor=99999999999999999999999", "cursor")]
    [InlineData("cursor=-1", "cursor")]
    [InlineData("from=yesterday&to=soon&user_id=me&flag=red", "flag,from,to,user_id")]
    [InlineData("event_type=%00", "event_type")]
    [InlineData("event_type=", "event_type")]
    public async Task A_query_out_of_bounds_is_named(string query, string fields)
    {
        var admin = one.Admin;
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/audit?{query}")).WrongFields());
    }

    [Fact]
    public async Task After_a_run_of_errors_the_log_has_neither_personal_data_nor_stack_traces()
    {
        await using var server = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(server);
        const string Said = "Mein Passwort ist Zitronenfalter und ich wohne in der Lindenstrasse";
        (await admin.PostAsync("/api/auth/login", $$"""{"email":"{{admin.Email}}","password":"Zitronenfalter"}""")).Problem(401);
        await admin.PostAsync("/api/auth/register", $$"""{"organization_name":"Zitronenfalter","email":"{{admin.Email}}","password":"Zitronenfalter"}""");
        await admin.PostAsync("/api/chat", $$"""{"message":"{{Said}} \u0000"}""");
        // A database that refuses what it is asked: every statement of every route fails with a message that would quote it.
        await server.Database.ExecuteAsync("ALTER TABLE users RENAME TO people; ALTER TABLE audit_logs RENAME TO logs; ALTER TABLE organizations RENAME TO houses");
        foreach (var route in KnownRoute.Table)
        {
            var body = route.Template switch
            {
                "/api/auth/login" => $$"""{"email":"{{admin.Email}}","password":"Zitronenfalter"}""",
                "/api/auth/register" => """{"organization_name":"Zitronenfalter","email":"zitronenfalter@example.org","password":"Zitronenfalter"}""",
                "/api/chat" => $$"""{"message":"{{Said}}"}""",
                _ => route.Body,
            };
            var answer = await admin.SendAsync(new HttpMethod(route.Method), route.Path(Guid.CreateVersion7()), body);
            if ((int)answer.Status >= 500 && route.Template != "/readyz")
                Assert.Equal(route.ErrorMediaType, answer.MediaType);
            AssertSilent(answer.Text, admin);
        }

        AssertSilent(server.Process.Log, admin);
        Assert.Contains("PostgresException 42P01", server.Process.Log, StringComparison.Ordinal);
    }

    private static void AssertSilent(string text, Api admin)
    {
        foreach (var secret in (string[])[admin.Email, admin.Password, admin.Token!, "Zitronenfalter", "zitronenfalter", "Lindenstrasse", "   at ", "--->"])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    private Task<Answer> SendAsync(Api admin, string route, string body) => SendAsync(admin, route, Encoding.UTF8.GetBytes(body));

    private async Task<Answer> SendAsync(Api admin, string route, byte[] body)
    {
        using var request = Request(admin, route, body);
        using var response = await shared.Server.Http.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage Request(Api admin, string route, byte[] body)
    {
        var (method, path) = (route[..route.IndexOf(' ', StringComparison.Ordinal)], route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var request = admin.Request(new HttpMethod(method), path.Replace("{self}", admin.UserId.ToString(), StringComparison.Ordinal), null);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
    }
}
