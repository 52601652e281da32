using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Organizations;

public sealed class ChangeOrganizationTests(SharedServer shared)
{
    private const string Url = "/api/organization";
    private const string Key = "sk-written-once-and-never-read-again";

    [Fact]
    public async Task What_is_absent_stays_and_null_goes_back_to_the_operators_default()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var before = (await admin.GetAsync(Url)).Json;
        Assert.Equal(
            ["base_url", "created_at", "daily_chat_cap", "effective", "four_eyes", "id", "legal_hold", "low_confidence_threshold", "model", "name", "provider", "provider_api_key_set",
                "retention_days", "suspended", "suspended_at", "suspended_reason", "system_prompt", "temperature"], before.SortedNames());

        var set = await admin.PatchAsync(Url, """{"temperature":0.7,"daily_chat_cap":12,"system_prompt":" Be brief. ","name":" New name ","surprise":{"ignored":true}}""");
        Assert.Equal(HttpStatusCode.OK, set.Status);
        Assert.Equal(("New name", 0.7, 12, "Be brief."),
            (set.Json.Text("name"), set.Json.GetProperty("temperature").GetDouble(), set.Json.GetProperty("daily_chat_cap").GetInt32(), set.Json.Text("system_prompt")));
        Assert.Equal(12, set.Json.GetProperty("effective").GetProperty("daily_chat_cap").GetInt32());

        var cleared = await admin.PatchAsync(Url, """{"temperature":null,"system_prompt":null}""");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (cleared.Json.GetProperty("temperature").ValueKind, cleared.Json.GetProperty("system_prompt").ValueKind));
        Assert.Equal(12, cleared.Json.GetProperty("daily_chat_cap").GetInt32());
        Assert.Equal(cleared.Text, (await admin.GetAsync(Url)).Text);

        var entries = await admin.ReadLogOfAsync("settings.changed");
        Assert.Equal(["""{"name":"New name","temperature":"0.7","daily_chat_cap":"12","system_prompt":"set"}""", """{"temperature":null,"system_prompt":"cleared"}"""],
            entries.Select(static entry => entry.GetProperty("data").GetProperty("changes").GetRawText()));
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("name", "null", "\"\"", "7", "\"  \"")]
    [InlineData("provider", "\"openai\"", "1", "\"\"")]
    [InlineData("model", "\"\"", "[]")]
    [InlineData("base_url", "\"ftp://h/\"", "\"not a url\"", "\"http://u:p@h/\"", "\"\"", "5")]
    [InlineData("provider_api_key", "\"\"", "\"with space\"", "false")]
    [InlineData("temperature", "2.1", "-0.1", "\"0.5\"", "1e999")]
    [InlineData("system_prompt", "\"\"", "{}")]
    [InlineData("daily_chat_cap", "-1", "1.5", "\"7\"", "99999999999")]
    [InlineData("low_confidence_threshold", "null", "1.1", "\"high\"")]
    [InlineData("retention_days", "182", "null", "36501", "200.5")]
    [InlineData("legal_hold", "null", "\"true\"", "1")]
    [InlineData("four_eyes", "null", "\"true\"", "0")]
    public async Task Every_bad_value_names_its_field_and_changes_nothing(string field, params string[] values)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var before = (await admin.GetAsync(Url)).Text;
        foreach (var value in values)
        {
            // A good value beside it must not be kept.
            var provider = field is "base_url" or "provider_api_key" ? ",\"provider\":\"ollama\"" : "";
            var good = field == "temperature" ? "\"daily_chat_cap\":3" : "\"temperature\":1";
            Assert.Equal([field], (await admin.PatchAsync(Url, $$"""{{{good}}{{provider}},"{{field}}":{{value}}}""")).WrongFields());
        }

        Assert.Equal(before, (await admin.GetAsync(Url)).Text);
        Assert.Empty(await admin.ReadLogOfAsync("settings.changed"));
    }

    [Fact]
    public async Task All_bad_values_are_named_at_once()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(["legal_hold", "retention_days", "temperature"], (await admin.PatchAsync(Url, """{"temperature":9,"retention_days":1,"legal_hold":0}""")).WrongFields());
        Assert.Equal(["body"], (await admin.PatchAsync(Url, "[]")).WrongFields());
    }

    [Fact]
    public async Task The_providers_key_is_nowhere_to_be_read()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var set = await SetKeyAsync(admin);

        Assert.True(set.Json.GetProperty("provider_api_key_set").GetBoolean());
        foreach (var text in (string[])[set.Text, (await admin.GetAsync(Url)).Text, (await admin.GetAsync("/api/audit/export")).Text])
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
        var entry = Assert.Single(await admin.ReadLogOfAsync("settings.changed"));
        Assert.Equal("set", entry.GetProperty("data").GetProperty("changes").Text("provider_api_key"));

        var stored = await shared.Server.Database.ScalarAsync<byte[]>($"SELECT provider_api_key FROM organizations WHERE id = '{admin.OrganizationId}'");
        Assert.Equal(-1, stored.AsSpan().IndexOf("sk-written"u8));
        Assert.DoesNotContain(Key, shared.Server.Process.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"provider":"ollama"}""")]
    [InlineData("""{"base_url":"http://127.0.0.1:9/elsewhere"}""")]
    [InlineData("""{"provider":null,"base_url":null}""")]
    [InlineData("""{"provider_api_key":null}""")]
    public async Task The_key_goes_when_it_is_cleared_or_where_it_would_be_sent_changes(string patch)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await SetKeyAsync(admin);

        var moved = await admin.PatchAsync(Url, patch);

        Assert.Equal(HttpStatusCode.OK, moved.Status);
        Assert.False(moved.Json.GetProperty("provider_api_key_set").GetBoolean());
        Assert.True(await shared.Server.Database.ScalarAsync<bool>($"SELECT provider_api_key IS NULL AND provider_api_key_kid IS NULL FROM organizations WHERE id = '{admin.OrganizationId}'"));
        var entries = await admin.ReadLogOfAsync("settings.changed");
        Assert.Equal("cleared", entries[^1].GetProperty("data").GetProperty("changes").Text("provider_api_key"));
    }

    [Fact]
    public async Task The_key_stays_when_something_else_changes_or_nothing_does()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await SetKeyAsync(admin);

        Assert.True((await admin.PatchAsync(Url, """{"model":"another"}""")).Json.GetProperty("provider_api_key_set").GetBoolean());
        var entries = (await admin.ReadLogAsync()).Count;
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync(Url, """{"model":"another","provider":"openai-compatible"}""")).Status);
        Assert.Equal(entries, (await admin.ReadLogAsync()).Count);

        // A new one that comes along with the move is kept.
        Assert.True((await admin.PatchAsync(Url, """{"provider":"ollama","provider_api_key":"another-key"}""")).Json.GetProperty("provider_api_key_set").GetBoolean());
    }

    [Fact]
    public async Task A_legal_hold_is_an_entry_of_its_own()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PatchAsync(Url, """{"legal_hold":true}""");
        await admin.PatchAsync(Url, """{"legal_hold":true}""");
        await admin.PatchAsync(Url, """{"legal_hold":false,"retention_days":183}""");

        Assert.Equal(["organization.registered", "legal_hold.set", "settings.changed", "legal_hold.lifted"], (await admin.ReadLogAsync()).Select(static entry => entry.Text("event_type")));
        await admin.AssertLogIsCleanAsync();
    }

    private static async Task<Answer> SetKeyAsync(Api admin)
    {
        var set = await admin.PatchAsync(Url, $$"""{"provider":"openai-compatible","base_url":"http://127.0.0.1:9/v1","model":"m","provider_api_key":"{{Key}}"}""");
        Assert.Equal(HttpStatusCode.OK, set.Status);
        return set;
    }
}
