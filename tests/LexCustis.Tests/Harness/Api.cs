using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>One caller of a server: requests with its token, answers as JSON.</summary>
public sealed class Api(HttpClient http, string? token)
{
    private static int registered;

    public string? Token { get; } = token;

    public Guid UserId { get; private init; }

    public Guid OrganizationId { get; private init; }

    public string Email { get; private init; } = "";

    public string Password { get; private init; } = "";

    public string RefreshToken { get; private init; } = "";

    /// <summary>A new organization, and its admin.</summary>
    public static async Task<Api> RegisterAsync(LexCustisServer server, string? organizationName = null)
    {
        var number = Interlocked.Increment(ref registered);
        var (email, password) = ($"admin{number}@example.org", "correct horse battery");
        var answer = await new Api(server.Http, null).PostAsync("/api/auth/register",
            $$"""{"organization_name":"{{organizationName ?? $"Organization {number}"}}","email":"{{email}}","password":"{{password}}","name":"Admin {{number}}"}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return SignedIn(server.Http, answer.Json, email, password);
    }

    public static async Task<Api> LoginAsync(LexCustisServer server, string email, string password)
    {
        var answer = await new Api(server.Http, null).PostAsync("/api/auth/login", $$"""{"email":"{{email}}","password":"{{password}}"}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return SignedIn(server.Http, answer.Json, email, password);
    }

    /// <summary>Adds a person to this admin's organization and signs them in.</summary>
    public async Task<Api> AddUserAsync(LexCustisServer server, string role)
    {
        var (email, password) = ($"{role}{Interlocked.Increment(ref registered)}@example.org", "another long password");
        var answer = await PostAsync("/api/users", $$"""{"email":"{{email}}","name":"A {{role}}","role":"{{role}}","password":"{{password}}"}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return await LoginAsync(server, email, password);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, string json = "{}") => SendAsync(HttpMethod.Post, path, json);

    public Task<Answer> PatchAsync(string path, string json) => SendAsync(HttpMethod.Patch, path, json);

    public Task<Answer> PutAsync(string path, string json) => SendAsync(HttpMethod.Put, path, json);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? json)
    {
        using var request = Request(method, path, json);
        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var answer = new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
        Contract.Check(request.Method, request.RequestUri!.OriginalString, answer);
        return answer;
    }

    /// <summary>A turn, read to its end.</summary>
    public async Task<ChatAnswer> ChatAsync(string message, string more = "")
    {
        using var response = await OpenChatAsync(message, more);
        return ChatAnswer.Read(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A turn whose headers have come; the caller reads, or leaves by disposing.</summary>
    /// <param name="more">Further members of the request, each beginning with a comma.</param>
    public Task<HttpResponseMessage> OpenChatAsync(string message, string more = "") => http.SendAsync(
        Request(HttpMethod.Post, "/api/chat", $$"""{"message":{{Quote(message)}}{{more}}}"""), HttpCompletionOption.ResponseHeadersRead);

    public HttpRequestMessage Request(HttpMethod method, string path, string? json)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return request;
    }

    /// <summary>The organization's whole log, oldest first.</summary>
    public async Task<List<JsonElement>> ReadLogAsync(string query = "")
    {
        var entries = new List<JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = await GetAsync($"/api/audit?limit=500{query}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            entries.AddRange(page.Json.GetProperty("items").EnumerateArray());
            cursor = page.Json.GetProperty("next_cursor").GetString();
            if (cursor is null)
                break;
        }

        entries.Reverse();
        return entries;
    }

    /// <summary>Verifies the log by the API and expects it clean: how every adversarial test ends that changed no row.</summary>
    public async Task AssertLogIsCleanAsync()
    {
        var report = await PostAsync("/api/audit/verify");
        Assert.Equal(HttpStatusCode.OK, report.Status);
        Assert.True(report.Json.GetProperty("valid").GetBoolean(), report.Text);
    }

    /// <summary>Points the organization at an upstream of the test's.</summary>
    internal async Task UseUpstreamAsync(ScriptedUpstream upstream)
    {
        var answer = await PatchAsync("/api/organization",
            $$"""{"provider":"openai-compatible","base_url":"{{upstream.BaseUrl}}","model":"scripted-1","provider_api_key":"key-of-the-organization"}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static Api SignedIn(HttpClient http, JsonElement tokens, string email, string password) => new(http, tokens.GetProperty("access_token").GetString())
    {
        UserId = tokens.GetProperty("user").GetProperty("user_id").GetGuid(),
        OrganizationId = tokens.GetProperty("user").GetProperty("organization_id").GetGuid(),
        RefreshToken = tokens.GetProperty("refresh_token").GetString()!,
        Email = email,
        Password = password,
    };
}

/// <summary>An answer, its body read.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>Expects a problem of that status, and returns it.</summary>
    public JsonElement Problem(int status)
    {
        Assert.True((int)Status == status, $"expected {status}, got {(int)Status}: {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        return Json;
    }

    /// <summary>Expects a 400 that names the field.</summary>
    public void ProblemNames(string field)
    {
        var problem = Problem(400);
        Assert.True(problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out _), $"no error names {field}: {Text}");
    }
}

/// <summary>A streamed turn.</summary>
public sealed record ChatAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, string Text, IReadOnlyList<JsonElement> Frames, bool Done)
{
    public string Answer => string.Concat(Frames.Where(static frame => TypeOf(frame) == "token").Select(static frame => frame.GetProperty("text").GetString()));

    /// <summary>The frames' types in order, runs of tokens as one.</summary>
    public IReadOnlyList<string> Order
    {
        get
        {
            var order = new List<string>();
            foreach (var type in Frames.Select(TypeOf).Append(Done ? "[DONE]" : "(cut)"))
            {
                if (type != "token" || order.Count == 0 || order[^1] != "token")
                    order.Add(type);
            }

            return order;
        }
    }

    public JsonElement Frame(string type) => Frames.Single(frame => TypeOf(frame) == type);

    public static string TypeOf(JsonElement frame) => frame.GetProperty("type").GetString()!;

    /// <param name="frame">What src/openapi.json calls such a frame.</param>
    public static ChatAnswer Read(HttpStatusCode status, HttpResponseHeaders headers, string text, string frame = "ChatFrame")
    {
        var frames = new List<JsonElement>();
        var done = false;
        if (status == HttpStatusCode.OK)
        {
            foreach (var block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                if (block.StartsWith(':'))
                    continue;
                Assert.False(done, "a frame came after [DONE]");
                Assert.StartsWith("data: ", block, StringComparison.Ordinal);
                if (block == "data: [DONE]")
                    done = true;
                else
                    frames.Add(JsonDocument.Parse(block["data: ".Length..]).RootElement);
                if (!done)
                    Contract.CheckFrame(frame, frames[^1]);
            }
        }

        return new ChatAnswer(status, headers, text, frames, done);
    }
}
