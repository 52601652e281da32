using System.Globalization;
using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Incidents;

public sealed class IncidentTests(SharedServer shared)
{
    private const string Url = "/api/incidents";

    [Fact]
    public async Task An_incident_is_reported_with_its_deadline_and_the_log_has_no_word_of_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var turn = (await admin.ChatAsync("How much may I take?", ""","use_documents":false""")).Frame("audit").Text("id");
        var awareAt = DateTimeOffset.UtcNow.AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

        var reported = await admin.PostAsync(Url,
            $$"""{"title":" Wrong dosage for Holunder ","description":"Zora took it.","severity":"serious_incident","category":"serious_health_harm","aware_at":"{{awareAt}}","audit_log_ids":["{{turn}}","{{turn}}"]}""");
        Assert.Equal(HttpStatusCode.Created, reported.Status);
        var incident = reported.Json;
        Assert.Equal(
            ["allowed_statuses", "audit_log_ids", "authority_informed_at", "aware_at", "category", "closed_at", "created_at", "deadline", "description", "evidence", "history", "id",
                "linked_entries", "overdue", "receipt", "reported_by", "severity", "status", "title", "updated_at"], incident.SortedNames());
        Assert.Equal(("Wrong dosage for Holunder", "Zora took it.", "open", false, admin.UserId),
            (incident.Text("title"), incident.Text("description"), incident.Text("status"), incident.GetProperty("overdue").GetBoolean(), incident.GetProperty("reported_by").GetGuid()));
        Assert.Equal(DateTimeOffset.Parse(awareAt, CultureInfo.InvariantCulture).AddDays(15), incident.GetProperty("deadline").GetDateTimeOffset());
        Assert.Equal([turn], incident.GetProperty("audit_log_ids").EnumerateArray().Select(static id => id.GetString()));
        var linked = Assert.Single(incident.GetProperty("linked_entries").EnumerateArray());
        Assert.Equal(["at", "entry_hash", "event_type", "id", "model", "provider", "region", "sequence"], linked.SortedNames());
        Assert.Equal((turn, "chat.completed"), (linked.Text("id"), linked.Text("event_type")));

        var entry = Assert.Single(await admin.ReadLogOfAsync("incident.reported"));
        Assert.Equal(["audit_log_ids", "aware_at", "category", "deadline", "incident_id", "severity", "status"], entry.GetProperty("data").SortedNames());
        Assert.Equal((entry.Text("id"), entry.Text("entry_hash")), (incident.GetProperty("receipt").Text("id"), incident.GetProperty("receipt").Text("entry_hash")));
        Assert.Equal(entry.Text("id"), Assert.Single(incident.GetProperty("history").EnumerateArray()).Text("id"));
        foreach (var word in (string[])["Holunder", "Zora"])
        {
            Assert.DoesNotContain(word, (await admin.GetAsync("/api/audit/export")).Text, StringComparison.Ordinal);
            Assert.DoesNotContain(word, shared.Server.Process.Log, StringComparison.Ordinal);
        }

        var read = (await admin.GetAsync($"{Url}/{incident.Text("id")}")).Json;
        Assert.Equal(JsonValueKind.Null, read.GetProperty("receipt").ValueKind);
        Assert.Equal(incident.GetProperty("deadline").GetRawText(), read.GetProperty("deadline").GetRawText());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Little_has_to_be_known_to_report()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = (await admin.PostAsync(Url, """{"title":"Something is off"}""")).Json;
        Assert.Equal(("incident", "other", ""), (incident.Text("severity"), incident.Text("category"), incident.Text("description")));
        Assert.Equal(TimeSpan.FromDays(15), incident.GetProperty("deadline").GetDateTimeOffset() - incident.GetProperty("aware_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Its_status_goes_the_ways_that_are_allowed_and_the_log_has_each_step()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = (await admin.PostAsync(Url, """{"title":"One"}""")).Json;
        var url = $"{Url}/{incident.Text("id")}";
        Assert.Equal(["reported", "closed"], incident.GetProperty("allowed_statuses").EnumerateArray().Select(static status => status.GetString()));

        var reported = (await admin.PatchAsync(url, """{"status":"reported"}""")).Json;
        Assert.Equal("reported", reported.Text("status"));
        var informed = reported.Text("authority_informed_at");
        Assert.Contains("can become closed", (await admin.PatchAsync(url, """{"status":"open"}""")).Problem(409).Text("detail"), StringComparison.Ordinal);
        var closed = (await admin.PatchAsync(url, """{"status":"closed"}""")).Json;
        Assert.NotEqual(JsonValueKind.Null, closed.GetProperty("closed_at").ValueKind);
        (await admin.PatchAsync(url, """{"status":"reported"}""")).Problem(409);
        var reopened = (await admin.PatchAsync(url, """{"status":"open"}""")).Json;
        Assert.Equal((JsonValueKind.Null, informed), (reopened.GetProperty("closed_at").ValueKind, reopened.Text("authority_informed_at")));
        // The same again is no change.
        Assert.Equal(JsonValueKind.Null, (await admin.PatchAsync(url, """{"status":"open","title":"One"}""")).Json.GetProperty("receipt").ValueKind);

        var history = reopened.GetProperty("history").EnumerateArray().ToList();
        Assert.Equal(["incident.reported", "incident.changed", "incident.closed", "incident.changed"], history.Select(static past => past.Text("event_type")));
        Assert.Equal(["open>reported", "reported>closed", "closed>open"], history.Skip(1).Select(static past => $"{past.GetProperty("data").Text("from")}>{past.GetProperty("data").Text("to")}"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Changing_the_kind_of_harm_moves_the_deadline_and_texts_are_named_but_not_quoted()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var awareAt = DateTimeOffset.UtcNow.AddDays(-3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var incident = (await admin.PostAsync(Url, $$"""{"title":"One","aware_at":"{{awareAt}}"}""")).Json;
        Assert.False(incident.GetProperty("overdue").GetBoolean());

        var changed = (await admin.PatchAsync($"{Url}/{incident.Text("id")}", """{"category":"critical_infrastructure","title":"Holunder","description":"More of it."}""")).Json;
        Assert.True(changed.GetProperty("overdue").GetBoolean());
        Assert.Equal(DateTimeOffset.Parse(awareAt, CultureInfo.InvariantCulture).AddDays(2), changed.GetProperty("deadline").GetDateTimeOffset());
        var data = changed.GetProperty("history").EnumerateArray().Single(static past => past.GetProperty("data").TryGetProperty("fields", out _)).GetProperty("data");
        Assert.Equal("""["title","description","category","deadline"]""", data.GetProperty("fields").GetRawText());
        Assert.Equal(["category", "deadline", "fields", "incident_id"], data.SortedNames());

        Assert.Equal([incident.Text("id")], await IdsAsync(admin, "?overdue=true"));
        Assert.Empty(await IdsAsync(admin, "?overdue=false"));
        Assert.False((await admin.PatchAsync($"{Url}/{incident.Text("id")}", """{"status":"reported"}""")).Json.GetProperty("overdue").GetBoolean());
        Assert.Empty(await IdsAsync(admin, "?overdue=true"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_member_sees_what_they_reported_and_links_what_they_asked()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var other = await admin.AddUserAsync(shared.Server, "member");
        var auditor = await admin.AddUserAsync(shared.Server, "auditor");
        var stranger = await Api.RegisterAsync(shared.Server);
        var own = (await member.ChatAsync("Mine.", ""","use_documents":false""")).Frame("audit").Text("id");
        var adminsEntry = (await admin.ReadLogAsync())[0].Text("id");

        (await member.PostAsync(Url, $$"""{"title":"Not mine","audit_log_ids":["{{adminsEntry}}"]}""")).ProblemNames("audit_log_ids");
        (await stranger.PostAsync(Url, $$"""{"title":"Not theirs","audit_log_ids":["{{own}}"]}""")).ProblemNames("audit_log_ids");
        var incident = (await member.PostAsync(Url, $$"""{"title":"Mine","audit_log_ids":["{{own}}"]}""")).Json.Text("id");

        foreach (var reader in (Api[])[member, auditor, admin])
        {
            Assert.Equal([incident], await IdsAsync(reader));
            Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync($"{Url}/{incident}")).Status);
        }

        foreach (var reader in (Api[])[other, stranger])
        {
            Assert.Empty(await IdsAsync(reader));
            (await reader.GetAsync($"{Url}/{incident}")).Problem(404);
        }

        (await member.PatchAsync($"{Url}/{incident}", """{"severity":"near_miss"}""")).Problem(403);
        (await auditor.PatchAsync($"{Url}/{incident}", """{"severity":"near_miss"}""")).Problem(403);
        (await auditor.PostAsync(Url, """{"title":"No"}""")).Problem(403);
        (await stranger.PatchAsync($"{Url}/{incident}", """{"severity":"near_miss"}""")).Problem(404);
        (await admin.PatchAsync($"{Url}/{incident}", $$"""{"audit_log_ids":["{{Guid.CreateVersion7()}}"]}""")).ProblemNames("audit_log_ids");
        Assert.Equal(2, (await admin.PatchAsync($"{Url}/{incident}", $$"""{"audit_log_ids":["{{own}}","{{adminsEntry}}"]}""")).Json.GetProperty("audit_log_ids").GetArrayLength());
    }

    [Fact]
    public async Task The_list_is_newest_first_filtered_and_paged()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var ids = new List<string>();
        for (var number = 0; number < 3; number++)
            ids.Insert(0, (await admin.PostAsync(Url, $$"""{"title":"Number {{number}}"}""")).Json.Text("id"));
        await admin.PatchAsync($"{Url}/{ids[1]}", """{"status":"closed"}""");

        var page = (await admin.GetAsync($"{Url}?limit=2")).Json;
        Assert.Equal(ids[..2], page.GetProperty("items").EnumerateArray().Select(static item => item.Text("id")));
        Assert.Equal([ids[2]], await IdsAsync(admin, $"?cursor={page.Text("next_cursor")}"));
        Assert.Equal([ids[1]], await IdsAsync(admin, "?status=closed"));
        (await admin.GetAsync($"{Url}?status=lost")).ProblemNames("status");
        (await admin.GetAsync($"{Url}?overdue=maybe")).ProblemNames("overdue");
    }

    [Fact]
    public async Task Changes_at_once_are_all_kept()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var id = (await admin.PostAsync(Url, """{"title":"One"}""")).Json.Text("id");
        string[] changes = ["""{"severity":"near_miss"}""", """{"category":"death"}""", """{"description":"What happened."}""", """{"status":"reported"}""", """{"title":"Two"}"""];
        Assert.All(await Task.WhenAll(changes.Select(change => admin.PatchAsync($"{Url}/{id}", change))), static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        // Of those who close at once, one does; to the others there is nothing left to change.
        var closings = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => admin.PatchAsync($"{Url}/{id}", """{"status":"closed"}""")));
        Assert.Single(closings, static answer => answer.Json.GetProperty("receipt").ValueKind == JsonValueKind.Object);

        var incident = (await admin.GetAsync($"{Url}/{id}")).Json;
        Assert.Equal(("near_miss", "death", "What happened.", "closed", "Two"),
            (incident.Text("severity"), incident.Text("category"), incident.Text("description"), incident.Text("status"), incident.Text("title")));
        Assert.Equal(7, incident.GetProperty("history").GetArrayLength());
        Assert.Single(await admin.ReadLogOfAsync("incident.closed"));
        await admin.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("{}", "title")]
    [InlineData("""{"title":" "}""", "title")]
    [InlineData("""{"title":"x","severity":"high"}""", "severity")]
    [InlineData("""{"title":"x","category":"fire"}""", "category")]
    [InlineData("""{"title":"x","aware_at":"yesterday"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":"2026-01-01"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":"2026-01-01T08:00:00"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":"01/02/2026 08:00"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":"2999-01-01T00:00:00Z"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":"1999-12-31T23:59:59Z"}""", "aware_at")]
    [InlineData("""{"title":"x","aware_at":1767225600}""", "aware_at")]
    [InlineData("""{"title":"x","audit_log_ids":["00000000-0000-7000-8000-000000000000"]}""", "audit_log_ids")]
    [InlineData("""{"title":"x","audit_log_ids":["first"]}""", "audit_log_ids[0]")]
    public async Task What_cannot_be_is_named(string body, string field)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal([field], (await admin.PostAsync(Url, body)).WrongFields());
        if (body != "{}")
        {
            var id = (await admin.PostAsync(Url, """{"title":"One"}""")).Json.Text("id");
            Assert.Equal([field], (await admin.PatchAsync($"{Url}/{id}", body)).WrongFields());
            Assert.Equal(["status"], (await admin.PatchAsync($"{Url}/{id}", """{"status":"lost"}""")).WrongFields());
        }
    }

    [Theory]
    [InlineData("2026-11-20T08:30:00+05:30", "2026-11-20T03:00:00Z")]
    [InlineData("2026-11-20T08:30:00.123456-03:00", "2026-11-20T11:30:00.123456Z")]
    public async Task A_time_with_an_offset_is_the_moment_that_it_names(string given, string moment)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = (await admin.PostAsync(Url, $$"""{"title":"x","aware_at":"{{given}}"}""")).Json;
        var expected = DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture);
        Assert.Equal((expected, expected.AddDays(15)), (incident.GetProperty("aware_at").GetDateTimeOffset(), incident.GetProperty("deadline").GetDateTimeOffset()));
    }

    private static async Task<List<string>> IdsAsync(Api reader, string query = "") =>
        [.. (await reader.GetAsync(Url + query)).Json.GetProperty("items").EnumerateArray().Select(static item => item.Text("id"))];
}
