using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Gateway;

/// <summary>What a client written for OpenAI's API meets.</summary>
public sealed class ChatCompletionTests(SharedServer shared)
{
    private const string Path = "/v1/chat/completions";
    private const string Hello = """{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}""";

    [Fact]
    public async Task A_whole_completion_has_the_shape_that_clients_read()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        upstream.Next(Reply.Stream(["Good ", "day."], usage: (12, 3)));

        var answer = await client.PostAsync(Path, Hello);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var completion = answer.Json;
        Assert.Equal(["id", "object", "created", "model", "choices", "usage", "lexcustis"], completion.Names());
        Assert.StartsWith("chatcmpl-", completion.Text("id"), StringComparison.Ordinal);
        Assert.Equal("chat.completion", completion.Text("object"));
        Assert.True(completion.GetProperty("created").GetInt64() > 1_700_000_000);
        Assert.Equal("scripted-1", completion.Text("model"));
        var choice = Assert.Single(completion.GetProperty("choices").EnumerateArray());
        Assert.Equal(["index", "message", "finish_reason"], choice.Names());
        Assert.Equal("assistant", choice.GetProperty("message").Text("role"));
        Assert.Equal("Good day.", choice.GetProperty("message").Text("content"));
        Assert.Equal("stop", choice.Text("finish_reason"));
        Assert.Equal([12, 3, 15], completion.GetProperty("usage").EnumerateObject().Select(static count => count.Value.GetInt32()));

        await AssertReceiptAsync(admin, completion.GetProperty("lexcustis"), "Hello", "Good day.", via: "api_key");
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_streamed_completion_is_one_chunk_a_token_and_ends_with_the_receipt()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        upstream.Next(Reply.Stream(["Good ", "day."], usage: (12, 3)));

        var chunks = Chunks(await client.PostAsync(Path, """{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hello"}]}"""));

        Assert.Single(chunks.Select(static chunk => chunk.Text("id")).Distinct());
        Assert.All(chunks, static chunk => Assert.Equal("chat.completion.chunk", chunk.Text("object")));
        Assert.All(chunks, static chunk => Assert.Equal("scripted-1", chunk.Text("model")));
        var deltas = chunks.SkipLast(1).Select(static chunk => Assert.Single(chunk.GetProperty("choices").EnumerateArray())).ToList();
        Assert.Equal("assistant", deltas[0].GetProperty("delta").Text("role"));
        Assert.Equal(["Good ", "day."], deltas[1..^1].Select(static choice => choice.GetProperty("delta").Text("content")));
        Assert.All(deltas[..^1], static choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
        Assert.Empty(deltas[^1].GetProperty("delta").EnumerateObject());
        Assert.Equal("stop", deltas[^1].Text("finish_reason"));
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(15, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());

        await AssertReceiptAsync(admin, chunks[^2].GetProperty("lexcustis"), "Hello", "Good day.", via: "api_key");
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Usage_comes_only_when_it_is_asked_for()
    {
        var (_, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        upstream.Next(Reply.Stream(["Fine."], usage: (12, 3)));
        var chunks = Chunks(await client.PostAsync(Path, """{"stream":true,"messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.All(chunks, static chunk => Assert.False(chunk.TryGetProperty("usage", out var _)));
        Assert.Equal(3, chunks.Count);
    }

    [Fact]
    public async Task The_clients_own_history_and_system_message_reach_the_model_in_order()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;

        var answer = await client.PostAsync(Path, """
            {"messages":[
              {"role":"system","content":"You are a pirate."},
              {"role":"developer","content":[{"type":"text","text":"Answer in "},{"type":"text","text":"one line."}]},
              {"role":"user","content":[{"type":"text","text":"Who "},{"type":"text","text":"are you?"}]},
              {"role":"assistant","content":"Long John."},
              {"role":"user","content":"Zyxqw?"}],
             "temperature":0,"unknown_member":{"deep":[1]}}
            """);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var sent = Assert.Single(upstream.Requests);
        Assert.Equal(["system", "user", "assistant", "user"], sent.Messages.Select(static message => message.Role));
        Assert.Contains("You are a pirate.", sent.Messages[0].Content, StringComparison.Ordinal);
        Assert.Contains("Answer in one line.", sent.Messages[0].Content, StringComparison.Ordinal);
        Assert.Equal(["Who are you?", "Long John.", "Zyxqw?"], sent.Messages.Skip(1).Select(static message => message.Content));
        Assert.Equal(0, sent.Body.GetProperty("temperature").GetDouble());

        var content = (await admin.WaitForTurnAsync()).GetProperty("content");
        Assert.Equal("Zyxqw?", content.Text("message"));
        Assert.Equal(["system", "system", "user", "assistant"], content.GetProperty("history").EnumerateArray().Select(static message => message.Text("role")));
    }

    [Fact]
    public async Task A_long_history_is_the_clients_affair_and_is_not_cut()
    {
        var (_, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        var long20k = new string('h', 20_000);
        await client.PostAsync(Path, $$"""{"messages":[{"role":"user","content":"{{long20k}}"},{"role":"assistant","content":"Noted."},{"role":"user","content":"Zyxqw?"}]}""");
        Assert.Equal([long20k, "Noted.", "Zyxqw?"], Assert.Single(upstream.Requests).Messages.Skip(1).Select(static message => message.Content));
    }

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":"hi"}""", "messages")]
    [InlineData("""{"messages":[{"role":"assistant","content":"hi"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":" "}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"robot","content":"b"}]}""", "messages[1]")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":3}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stream":"yes"}""", "stream")]
    public async Task A_wrong_request_is_an_error_object_that_names_the_parameter(string json, string parameter)
    {
        var (_, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        var answer = await client.PostAsync(Path, json);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        AssertError(answer.Json, "invalid_request_error", parameter);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData(500, 502)]
    [InlineData(429, 503)]
    public async Task An_upstream_that_fails_is_a_server_error_object(int upstreamStatus, int status)
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        upstream.Next(Reply.Status(upstreamStatus));
        var answer = await client.PostAsync(Path, Hello);
        Assert.Equal(status, (int)answer.Status);
        AssertError(answer.Json, "upstream_error", null);
        Assert.Equal("upstream_error", (await admin.WaitForTurnAsync()).Outcome());
    }

    [Fact]
    public async Task A_stream_that_fails_midway_carries_an_error_object_that_clients_raise()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        upstream.Next(Reply.EndAfter("Half ", "an "));

        var chunks = Chunks(await client.PostAsync(Path, """{"stream":true,"messages":[{"role":"user","content":"Hello"}]}"""));

        // OpenAI's own libraries raise on the first event with an error member; nothing may look like a good end before it.
        var error = Assert.Single(chunks, static chunk => chunk.TryGetProperty("error", out var _));
        AssertError(error, "upstream_error", null);
        var before = chunks[..chunks.IndexOf(error)];
        Assert.Equal("Half an ", string.Concat(before.Select(static chunk => chunk.GetProperty("choices")[0].GetProperty("delta").Text("content"))));
        Assert.All(before, static chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind));
        Assert.Equal("error", chunks[^1].GetProperty("choices")[0].Text("finish_reason"));
        await AssertReceiptAsync(admin, chunks[^1].GetProperty("lexcustis"), "Hello", "Half an ", via: "api_key");
        Assert.Equal("upstream_cut", (await admin.WaitForEntriesAsync("chat.completed", 1))[0].Outcome());
    }

    [Fact]
    public async Task A_budget_that_is_used_up_is_an_insufficient_quota()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        await admin.PatchAsync("/api/organization", """{"daily_chat_cap":1}""");
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Path, Hello)).Status);
        var refused = await client.PostAsync(Path, Hello);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        AssertError(refused.Json, "insufficient_quota", null);
        Assert.Equal("insufficient_quota", refused.Json.GetProperty("error").Text("code"));
        Assert.Single(upstream.Requests);
        Assert.Equal("budget", Assert.Single(await admin.ReadLogAsync("&event_type=chat.refused")).GetProperty("data").Text("reason"));
    }

    [Fact]
    public async Task Models_lists_the_one_that_the_organization_chose()
    {
        var (_, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        var models = (await client.GetAsync("/v1/models")).Json;
        Assert.Equal("list", models.Text("object"));
        var model = Assert.Single(models.GetProperty("data").EnumerateArray());
        Assert.Equal(["id", "object", "created", "owned_by"], model.Names());
        Assert.Equal("scripted-1", model.Text("id"));
        Assert.Equal("model", model.Text("object"));
    }

    [Fact]
    public async Task A_key_may_chat_only_if_its_role_may()
    {
        var (admin, _, upstream) = await PrepareAsync();
        await using var _ = upstream;
        var auditor = await KeyAsync(admin, "auditor");
        Assert.Equal(HttpStatusCode.Forbidden, (await auditor.PostAsync(Path, Hello)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await auditor.GetAsync("/v1/models")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await new Api(shared.Server.Http, "lxc_nonsense").PostAsync(Path, Hello)).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync(Path, Hello)).Status);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Whatever_is_wrong_before_the_turn_is_an_error_object_too()
    {
        var (admin, client, upstream) = await PrepareAsync();
        await using var _ = upstream;
        var stranger = await new Api(shared.Server.Http, "lxc_nonsense").PostAsync(Path, Hello);
        AssertError(stranger.Json, "authentication_error", null);
        Assert.Equal("invalid_api_key", stranger.Json.GetProperty("error").Text("code"));
        AssertError((await (await KeyAsync(admin, "auditor")).PostAsync(Path, Hello)).Json, "permission_error", null);

        var malformed = await client.PostAsync(Path, "{\"messages\":[");
        Assert.Equal(HttpStatusCode.BadRequest, malformed.Status);
        AssertError(malformed.Json, "invalid_request_error", "body");

        var nowhere = await client.GetAsync("/v1/embeddings");
        Assert.Equal(HttpStatusCode.NotFound, nowhere.Status);
        AssertError(nowhere.Json, "invalid_request_error", null);
        Assert.Empty(upstream.Requests);
    }

    private async Task<(Api Admin, Api Client, ScriptedUpstream Upstream)> PrepareAsync()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream);
        return (admin, await KeyAsync(admin, "member"), upstream);
    }

    private async Task<Api> KeyAsync(Api admin, string role)
    {
        var key = await admin.PostAsync("/api/api-keys", $$"""{"name":"program","role":"{{role}}"}""");
        Assert.Equal(HttpStatusCode.Created, key.Status);
        return new Api(shared.Server.Http, key.Json.Text("key"));
    }

    private static List<JsonElement> Chunks(Answer answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/event-stream", answer.MediaType);
        var blocks = answer.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(static block => !block.StartsWith(':')).ToList();
        Assert.Equal("data: [DONE]", blocks[^1]);
        return blocks.SkipLast(1).Select(static block => JsonDocument.Parse(block["data: ".Length..]).RootElement).ToList();
    }

    private static void AssertError(JsonElement body, string type, string? parameter)
    {
        Assert.Equal(["error"], body.Names());
        var error = body.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.Names());
        Assert.NotEmpty(error.Text("message"));
        Assert.Equal(type, error.Text("type"));
        Assert.Equal(parameter, error.GetProperty("param").GetString());
    }

    private static async Task AssertReceiptAsync(Api admin, JsonElement addition, string message, string answer, string via)
    {
        Assert.Equal(["audit", "compliance", "ai_notice"], addition.Names());
        Assert.Equal(["pii", "injection", "bias", "confidence", "grounding"], addition.GetProperty("compliance").Names());
        var receipt = addition.GetProperty("audit");
        var entry = (await admin.GetAsync($"/api/audit/{receipt.Text("id")}")).Json;
        Assert.Equal(entry.Text("entry_hash"), receipt.Text("entry_hash"));
        Assert.Equal(entry.GetProperty("sequence").GetInt64(), receipt.GetProperty("sequence").GetInt64());
        Assert.Equal(message, entry.GetProperty("content").Text("message"));
        Assert.Equal(answer, entry.GetProperty("content").Text("answer"));
        Assert.Contains($"\"via\":\"{via}\"", entry.Text("body"), StringComparison.Ordinal);
        Assert.False(entry.GetProperty("data").TryGetProperty("conversation_id", out var _));
    }
}
