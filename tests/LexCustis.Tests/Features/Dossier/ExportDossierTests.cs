using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Dossier;

/// <summary>The dossier as its readers get it.</summary>
public sealed class ExportDossierTests(DossierServer dossiers) : IClassFixture<DossierServer>
{
    private const string Question = "I am Ottokar Zwiebelmuster, ottokar@example.org. How long must providers keep logs?";

    private LexCustisServer Server => dossiers.Server;

    [Fact]
    public async Task It_holds_what_it_promises_and_nothing_that_a_person_said()
    {
        var admin = await FillAsync();
        var files = DossierServer.Unpack(await dossiers.DownloadAsync(admin));

        Assert.Equal(
            [
                "README.html", "VERIFY.md", "verify.py", "annex-iv/01.md", "annex-iv/02.md", "annex-iv/03.md", "annex-iv/04.md", "annex-iv/05.md", "annex-iv/06.md", "annex-iv/07.md",
                "annex-iv/08.md", "annex-iv/09.md", "audit/entries.jsonl", "audit/verification.json", "audit/checkpoint.txt", "audit/public-key.pem", "audit/proofs/range.json",
            ], files.Keys.Take(17));
        Assert.Equal(["oversight.jsonl", "incidents.jsonl", "monitoring.json", "configuration.json", "manifest.json", "manifest.sig"], files.Keys.TakeLast(6));
        Assert.All(files.Values, static text =>
        {
            foreach (var personal in (string[])["Ottokar", "ottokar@", "Zwiebelmuster", "@example.org", "A member", "Admin "])
                Assert.DoesNotContain(personal, text, StringComparison.Ordinal);
        });
        Assert.DoesNotContain("key-of-the-organization", string.Concat(files.Values), StringComparison.Ordinal);

        // The entries are those of the export, to the byte, up to the moment of the download.
        var export = (await admin.GetAsync("/api/audit/export")).Text;
        Assert.StartsWith(files["audit/entries.jsonl"], export, StringComparison.Ordinal);
        var last = JsonElement.Parse(files["manifest.json"]).GetProperty("last_sequence").GetInt32();
        Assert.Equal(last, files["audit/entries.jsonl"].Count(static one => one == '\n'));
        Assert.Contains($"audit/proofs/1.tlog-proof", files.Keys);
        Assert.Contains($"audit/proofs/{last}.tlog-proof", files.Keys);

        // The page needs nothing else, and escapes what people named.
        Assert.Contains("&lt;Works&gt; &amp; Sons", files["README.html"], StringComparison.Ordinal);
        Assert.DoesNotContain("<Works>", files["README.html"], StringComparison.Ordinal);
        Assert.Contains("<svg", files["README.html"], StringComparison.Ordinal);
        Assert.DoesNotContain("http", files["README.html"].Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", files["README.html"], StringComparison.Ordinal);
        Assert.Contains("missing", files["annex-iv/08.md"], StringComparison.Ordinal);
        Assert.Contains("The purpose", files["annex-iv/01.md"], StringComparison.Ordinal);

        var entry = Assert.Single(await admin.ReadLogOfAsync("dossier.exported"));
        Assert.Equal(["content", "first_sequence", "from", "last_sequence", "to"], entry.GetProperty("data").SortedNames());
        Assert.False(entry.GetProperty("has_content").GetBoolean());
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task The_same_range_gives_the_same_bytes_whoever_asks()
    {
        var admin = await FillAsync();
        var auditor = await admin.AddUserAsync(Server, "auditor");
        var query = $"?to={await NowAsync()}";

        var first = await dossiers.DownloadAsync(admin, query);
        await admin.ChatAsync("Something else meanwhile.");
        var second = await dossiers.DownloadAsync(auditor, query);

        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(first)), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(second)));
        Assert.Equal(2, (await admin.ReadLogOfAsync("dossier.exported")).Count);
    }

    [Fact]
    public async Task Untouched_it_is_accepted_with_the_key_and_with_its_own_and_refused_with_another()
    {
        var admin = await FillAsync();
        var dossier = await dossiers.DownloadAsync(admin);

        foreach (var key in (string?[])[dossiers.PublicKeyFile, null])
        {
            var verdict = await DossierServer.VerifyAsync(dossier, key);
            Assert.True(verdict is (0, 0, _, _), verdict.NativeOutput + verdict.PythonOutput);
            Assert.Equal(verdict.NativeOutput, verdict.PythonOutput);
            Assert.Contains(key is null ? "from the dossier itself" : "given", verdict.NativeOutput, StringComparison.Ordinal);
            Assert.EndsWith("clean\n", verdict.NativeOutput, StringComparison.Ordinal);
        }

        var otherFile = await dossiers.MakeOtherKeyAsync();
        var other = await Programs.RunAsync("openssl", ["pkey", "-in", otherFile, "-pubout"]);
        await File.WriteAllTextAsync(otherFile, other.Output);
        var refused = await DossierServer.VerifyAsync(dossier, otherFile);
        Assert.Equal((1, 1), (refused.Native, refused.Python));
        foreach (var output in (string[])[refused.NativeOutput, refused.PythonOutput])
        {
            Assert.Contains("manifest.sig: ", output, StringComparison.Ordinal);
            Assert.Contains("audit/checkpoint.txt: ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_range_in_the_middle_is_proved_without_what_lies_around_it()
    {
        var admin = await FillAsync();
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
            await Task.WhenAll(Enumerable.Range(0, 150).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))));
        var from = await NowAsync();
        await admin.ChatAsync(Question);
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
            await Task.WhenAll(Enumerable.Range(0, 90).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))));
        var (to, after) = (await NowAsync(), await NowAsync());
        await using (var log = new OpenLog(Server.Database.ApplicationUrl))
            await Task.WhenAll(Enumerable.Range(0, 70).Select(number => log.Log.AppendAsync(log.Event(admin.OrganizationId, number))));

        var dossier = await dossiers.DownloadAsync(admin, $"?from={from}&to={to}");
        var files = DossierServer.Unpack(dossier);
        Assert.Equal(91, files["audit/entries.jsonl"].Count(static one => one == '\n'));
        Assert.NotEmpty(JsonElement.Parse(files["audit/proofs/range.json"]).GetProperty("after").EnumerateArray());
        var verdict = await DossierServer.VerifyAsync(dossier, dossiers.PublicKeyFile);
        Assert.True(verdict is (0, 0, _, _), verdict.NativeOutput + verdict.PythonOutput);

        // A time in which nothing happened is a dossier too.
        foreach (var query in (string[])["?from=2020-01-01&to=2020-02-01", $"?from={to}&to={after}"])
        {
            var none = await dossiers.DownloadAsync(admin, query);
            Assert.Equal("", DossierServer.Unpack(none)["audit/entries.jsonl"]);
            verdict = await DossierServer.VerifyAsync(none, dossiers.PublicKeyFile);
            Assert.True(verdict is (0, 0, _, _), verdict.NativeOutput + verdict.PythonOutput);
        }
    }

    [Fact]
    public async Task What_people_said_is_included_for_a_reason_alone_and_the_reason_is_kept_as_theirs()
    {
        var admin = await FillAsync();
        Assert.Equal(["reason"], (await admin.GetAsync("/api/dossier?content=included")).WrongFields());
        Assert.Equal(["reason"], (await admin.GetAsync("/api/dossier?content=included&reason=%20")).WrongFields());
        Assert.Empty(await admin.ReadLogOfAsync("dossier.exported"));

        var files = DossierServer.Unpack(await dossiers.DownloadAsync(admin, "?content=included&reason=Order%20of%20the%20court"));

        var said = files["audit/content.jsonl"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).ToList();
        Assert.Contains(said, static line => line.GetProperty("content").ValueKind == JsonValueKind.Object && line.GetProperty("content").TryGetProperty("message", out var message) && message.GetString() == Question);
        var entry = Assert.Single(await admin.ReadLogOfAsync("dossier.exported"));
        Assert.Equal("included", entry.GetProperty("data").Text("content"));
        Assert.DoesNotContain("court", entry.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("Order of the court", (await admin.GetAsync($"/api/audit/{entry.Text("id")}")).Json.GetProperty("content").Text("reason"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task After_an_erasure_the_old_dossier_and_the_new_one_verify_and_the_content_is_gone()
    {
        var admin = await FillAsync();
        var member = await admin.AddUserAsync(Server, "member");
        await member.ChatAsync(Question);
        var query = $"?to={await NowAsync()}&content=included&reason=Handover";
        var before = await dossiers.DownloadAsync(admin, query);
        Assert.Contains(Question, DossierServer.Unpack(before)["audit/content.jsonl"], StringComparison.Ordinal);

        foreach (var person in (Guid[])[member.UserId])
            Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"/api/users/{person}/erase")).Status);
        var after = await dossiers.DownloadAsync(admin, query);

        var (old, now) = (DossierServer.Unpack(before), DossierServer.Unpack(after));
        Assert.Equal(old["audit/entries.jsonl"], now["audit/entries.jsonl"]);
        Assert.Equal(1, now["audit/content.jsonl"].Split(Question).Length - 1);
        Assert.Contains("\"content\":\"erased\"", now["audit/content.jsonl"], StringComparison.Ordinal);
        foreach (var dossier in (byte[][])[before, after])
        {
            var verdict = await DossierServer.VerifyAsync(dossier, dossiers.PublicKeyFile);
            Assert.True(verdict is (0, 0, _, _), verdict.NativeOutput + verdict.PythonOutput);
        }
    }

    [Fact]
    public async Task Of_a_log_that_was_tampered_with_it_says_so_and_what_is_not_signed_is_refused()
    {
        var admin = await FillAsync();
        var to = await NowAsync();
        await dossiers.DownloadAsync(admin, $"?to={to}");
        await Server.Database.ExecuteAsync($"UPDATE audit_logs SET body = replace(body, 'completed', 'Completed') WHERE organization_id = '{admin.OrganizationId}' AND sequence = 3");

        var dossier = await dossiers.DownloadAsync(admin, $"?to={to}");
        Assert.Contains("not clean", DossierServer.Unpack(dossier)["README.html"], StringComparison.Ordinal);
        var verdict = await DossierServer.VerifyAsync(dossier, dossiers.PublicKeyFile);
        Assert.Equal((1, 1), (verdict.Native, verdict.Python));
        foreach (var output in (string[])[verdict.NativeOutput, verdict.PythonOutput])
        {
            Assert.Contains("log: the server's own verification found ", output, StringComparison.Ordinal);
            Assert.Contains("audit/proofs/range.json: it is missing", output, StringComparison.Ordinal);
        }

        var problem = (await admin.GetAsync("/api/dossier")).Problem(503);
        Assert.Contains("Verify the log", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_organizations_dossier_cannot_be_had()
    {
        var (victim, intruder) = (await FillAsync(), await FillAsync());
        var files = DossierServer.Unpack(await dossiers.DownloadAsync(intruder, $"?organization_id={victim.OrganizationId}"));
        Assert.DoesNotContain(victim.OrganizationId.ToString(), string.Concat(files.Values), StringComparison.Ordinal);
        Assert.Empty(await victim.ReadLogOfAsync("dossier.exported"));
    }

    [Theory]
    [InlineData("from=yesterday&to=soon", "from,to")]
    [InlineData("from=2026-02-01&to=2026-01-01", "from")]
    [InlineData("to=2199-01-01", "to")]
    [InlineData("content=all", "content")]
    [InlineData("reason=%00", "reason")]
    public async Task What_is_wrong_with_a_query_is_named(string query, string fields)
    {
        var admin = await Api.RegisterAsync(Server);
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/dossier?{query}")).WrongFields());
        Assert.Empty(await admin.ReadLogOfAsync("dossier.exported"));
    }

    [Fact]
    public async Task A_client_that_leaves_has_taken_it_and_holds_no_place()
    {
        var admin = await FillAsync();
        for (var round = 0; round < 4; round++)
        {
            using var leaving = await Server.Http.SendAsync(admin.Request(HttpMethod.Get, "/api/dossier", null), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, leaving.StatusCode);
        }

        await Waiting.ForAsync<object>(async () => (await admin.GetAsync($"/api/dossier?to={await NowAsync()}")).Status == HttpStatusCode.OK ? true : null, "a place");
        Assert.True((await admin.ReadLogOfAsync("dossier.exported")).Count >= 5);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Without_a_key_it_says_what_is_missing()
    {
        await using var server = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(server);
        Assert.Contains("LEXCUSTIS_CHECKPOINT_KEY_FILE", (await admin.GetAsync("/api/dossier")).Problem(409).Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>An organization with turns, a flag, settings and an attestation.</summary>
    private async Task<Api> FillAsync()
    {
        var admin = await Api.RegisterAsync(Server, "<Works> & Sons");
        await admin.ChatAsync(Question);
        await admin.ChatAsync("How long must deployers keep logs?");
        await admin.PatchAsync("/api/organization", """{"low_confidence_threshold":0.6}""");
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync("/api/dossier/system-card", """{"version":0,"sections":[{"section":1,"attestation":"The purpose"}]}""")).Status);
        return admin;
    }

    /// <summary>A time after everything so far and before everything to come, as a query has it.</summary>
    private static async Task<string> NowAsync()
    {
        await Task.Delay(2);
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await Task.Delay(2);
        return now;
    }
}
