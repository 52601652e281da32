using System.Net;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Features.Users;

/// <summary>GDPR Art. 17: what a person said can't be read again, by any door, and nothing else breaks.</summary>
public sealed class EraseUserTests(SharedServer shared)
{
    private const string Question = "My name is Ottokar Zwiebelmuster. How long must providers keep logs?";

    [Fact]
    public async Task What_a_person_said_is_gone_and_the_log_stays_clean()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var key = (await admin.PostAsync("/api/api-keys", """{"name":"of the admin"}""")).Json.Text("id");
        var turn = await member.ChatAsync(Question);
        var other = await admin.ChatAsync("How long must deployers keep logs?");
        var exported = (await admin.GetAsync("/api/audit/export")).Text;

        var answer = await admin.PostAsync($"/api/users/{member.UserId}/erase", """{"reason":"consent_withdrawn"}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["erased_at", "id", "receipt"], answer.Json.SortedNames());
        Assert.Equal("erased", (await admin.ReadEntryAsync(turn)).Text("content"));
        Assert.Equal("How long must deployers keep logs?", (await admin.ReadEntryAsync(other)).GetProperty("content").Text("message"));
        var entry = Assert.Single(await admin.ReadLogOfAsync("subject.erased"));
        Assert.Equal(answer.Json.GetProperty("receipt").Text("entry_hash"), entry.Text("entry_hash"));
        Assert.Equal($$"""{"user_id":"{{member.UserId}}","reason":"consent_withdrawn"}""", entry.GetProperty("data").GetRawText());

        // Access has ended, and nothing in the database names the person.
        (await member.GetAsync("/api/conversations")).Problem(401);
        (await new Api(shared.Server.Http, null).PostAsync("/api/auth/login", $$"""{"email":"{{member.Email}}","password":"{{member.Password}}"}""")).Problem(401);
        Assert.Equal($"{member.UserId}@erased.invalid||", await ScalarAsync<string>($"SELECT email || '|' || name || '|' || password_hash FROM users WHERE id = '{member.UserId}'"));
        Assert.Equal(0, await ScalarAsync<long>($"SELECT count(*) FROM conversations WHERE user_id = '{member.UserId}'"));
        Assert.Equal(0, await ScalarAsync<long>($"SELECT count(*) FROM subject_keys WHERE subject_id = '{member.UserId}' AND wrapped_key IS NOT NULL"));
        Assert.Contains(key!, (await admin.GetAsync("/api/api-keys")).Text, StringComparison.Ordinal);

        // What was exported before is the log's beginning still, and the log verifies.
        Assert.StartsWith(exported, (await admin.GetAsync("/api/audit/export")).Text, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Asked_again_it_answers_the_same_and_writes_nothing()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        await member.ChatAsync(Question);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => admin.PostAsync($"/api/users/{member.UserId}/erase")));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, answers[0].Text), (answer.Status, answer.Text)));
        Assert.Single(await admin.ReadLogOfAsync("subject.erased"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_person_who_was_removed_is_listed_until_erased_and_their_address_stays_free()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var turn = await member.ChatAsync(Question);
        await admin.DeleteAsync($"/api/users/{member.UserId}");
        var removed = Assert.Single((await admin.GetAsync("/api/users?status=removed")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal((member.Email, true), (removed.Text("email"), removed.TryGetProperty("removed_at", out _)));
        Assert.DoesNotContain(member.Email, (await admin.GetAsync("/api/users?status=active")).Text, StringComparison.Ordinal);
        Assert.Equal(["status"], (await admin.GetAsync("/api/users?status=erased")).WrongFields());
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("/api/users", $$"""{"email":"{{member.Email}}","role":"member"}""")).Status);

        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{member.UserId}/erase")).Status);

        Assert.Empty((await admin.GetAsync("/api/users?status=removed")).Json.GetProperty("items").EnumerateArray());
        Assert.Contains(member.Email, (await admin.GetAsync("/api/users")).Text, StringComparison.Ordinal);
        Assert.Equal("erased", (await admin.ReadEntryAsync(turn)).Text("content"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_legal_hold_stops_it_and_nothing_is_changed()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var turn = await member.ChatAsync(Question);
        await admin.PatchAsync("/api/organization", """{"legal_hold":true}""");

        var problem = (await admin.PostAsync($"/api/users/{member.UserId}/erase")).Problem(409);

        Assert.Contains("legal hold", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await member.GetAsync("/api/auth/me")).Status);
        Assert.Equal(Question, (await admin.ReadEntryAsync(turn)).GetProperty("content").Text("message"));
        await admin.PatchAsync("/api/organization", """{"legal_hold":false}""");
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{member.UserId}/erase")).Status);
        Assert.Equal(["legal_hold.set", "legal_hold.lifted", "subject.erased"], (await admin.ReadLogAsync()).Select(static entry => entry.Text("event_type"))
            .Where(static type => type.StartsWith("legal_hold", StringComparison.Ordinal) || type == "subject.erased"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task The_last_admin_stays()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Contains("last admin", (await admin.PostAsync($"/api/users/{admin.UserId}/erase")).Problem(409).Text("detail"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/auth/me")).Status);
        Assert.Empty(await admin.ReadLogOfAsync("subject.erased"));

        var second = await admin.AddUserAsync(shared.Server, "admin");
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{admin.UserId}/erase")).Status);
        (await admin.GetAsync("/api/auth/me")).Problem(401);
        await second.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_ground_that_is_none_is_named()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(["reason"], (await admin.PostAsync($"/api/users/{admin.UserId}/erase", """{"reason":"Ottokar asked me to"}""")).WrongFields());
    }

    [Fact]
    public async Task A_turn_that_ends_after_the_erasure_is_recorded_and_cannot_be_read()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var gate = new SemaphoreSlim(1);
        await admin.UseUpstreamAsync(upstream.Next(Reply.Gated(gate, "One ", "two.")));
        using var turn = await LiveTurn.OpenAsync(member, Question, ""","use_documents":false""");
        await turn.NextAsync("start");
        await turn.NextAsync("sources");
        await turn.NextAsync("token");

        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{member.UserId}/erase")).Status);
        gate.Release();
        var rest = await turn.RestAsync();

        Assert.True(rest.Done);
        Assert.Equal("erased", (await admin.ReadEntryAsync(rest)).Text("content"));
        Assert.Equal(0, await ScalarAsync<long>($"SELECT count(*) FROM subject_keys WHERE subject_id = '{member.UserId}' AND wrapped_key IS NOT NULL"));
        (await member.PostAsync("/api/chat", """{"message":"And now?"}""")).Problem(401);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task An_erasure_waits_for_a_first_key_in_the_making_and_empties_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        await using var log = new OpenLog(shared.Server.Database.ApplicationUrl);
        Task<Answer> erasing;
        await using (var turn = await log.Database.BeginAsync(admin.OrganizationId, CancellationToken.None))
        {
            Assert.NotNull(await log.SubjectKeys.ForAsync(turn, member.UserId, log.Entries.NewId(), CancellationToken.None));
            erasing = admin.PostAsync($"/api/users/{member.UserId}/erase");
            await WaitForBlockedAsync("UPDATE users SET erased_at%");
            await turn.CommitAsync(CancellationToken.None);
        }

        Assert.Equal(HttpStatusCode.OK, (await erasing).Status);
        Assert.Equal((1, 0), (await ScalarAsync<long>($"SELECT count(*) FROM subject_keys WHERE subject_id = '{member.UserId}'"),
            await ScalarAsync<long>($"SELECT count(*) FROM subject_keys WHERE subject_id = '{member.UserId}' AND wrapped_key IS NOT NULL")));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_first_key_waits_for_an_erasure_under_way_and_is_then_refused()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        await using var log = new OpenLog(shared.Server.Database.ApplicationUrl);
        await using var erasure = new NpgsqlConnection(shared.Server.Database.ConnectionString());
        await erasure.OpenAsync();
        await using var transaction = await erasure.BeginTransactionAsync();
        await using (var mark = new NpgsqlCommand($"UPDATE users SET erased_at = now(), removed_at = now(), erasure_entry = gen_random_uuid() WHERE id = '{member.UserId}'", erasure))
            await mark.ExecuteNonQueryAsync();

        await using var turn = await log.Database.BeginAsync(admin.OrganizationId, CancellationToken.None);
        var making = log.SubjectKeys.ForAsync(turn, member.UserId, log.Entries.NewId(), CancellationToken.None);
        await WaitForBlockedAsync("INSERT INTO subject_keys%");
        await transaction.CommitAsync();

        Assert.Null(await making);
        await turn.CommitAsync(CancellationToken.None);
        Assert.Equal(0, await ScalarAsync<long>($"SELECT count(*) FROM subject_keys WHERE subject_id = '{member.UserId}'"));
    }

    [Fact]
    public async Task A_copy_from_before_with_the_keys_of_now_says_nothing_and_one_with_its_own_keys_says_everything()
    {
        await using var database = await TestDatabase.CreateAsync();
        Api admin;
        string id;
        Guid person;
        await using (var server = await LexCustisServer.StartAsync(database: database))
        {
            admin = await Api.RegisterAsync(server);
            var member = await admin.AddUserAsync(server, "member");
            (id, person) = ((await member.ChatAsync(Question)).Frame("audit").Text("id"), member.UserId);
        }

        await using var before = await TestDatabase.CopyAsync(database);
        await using var server2 = await LexCustisServer.StartAsync(database: database);
        admin = await Api.LoginAsync(server2, admin.Email, admin.Password);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{person}/erase")).Status);

        // docs/erasure-and-retention.md says so plainly: whoever has a backup of the key table and the master key can still read.
        await using (var restored = await LexCustisServer.StartAsync(database: before))
        {
            var reader = await Api.LoginAsync(restored, admin.Email, admin.Password);
            Assert.Equal(Question, (await reader.GetAsync($"/api/audit/{id}")).Json.GetProperty("content").Text("message"));
        }

        await before.ExecuteAsync("DELETE FROM subject_keys");
        await using (var restored = await LexCustisServer.StartAsync(database: before))
        {
            var reader = await Api.LoginAsync(restored, admin.Email, admin.Password);
            Assert.Equal("erased", (await reader.GetAsync($"/api/audit/{id}")).Json.Text("content"));
            // The copy knows nothing of the erasure, and says that a key is missing.
            Assert.Contains("key_missing_without_erasure", (await reader.PostAsync("/api/audit/verify")).Text, StringComparison.Ordinal);
        }
    }

    private Task<T?> ScalarAsync<T>(string sql) => shared.Server.Database.ScalarAsync<T>(sql);

    /// <summary>Returns once a statement like that waits for a lock.</summary>
    private Task<object> WaitForBlockedAsync(string statement) => Waiting.ForAsync<object>(async () =>
        await ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{statement}')") ? true : null,
        $"a statement '{statement}' that waits");
}
