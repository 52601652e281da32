using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Dossier;

/// <summary>The nine sections of Annex IV: what is derived, what is stated, and what is missing.</summary>
public sealed class SystemCardTests(SharedServer shared)
{
    private const string Purpose = "Answers of staff handbooks. \"Quotes\" & <tags> | 🧾";

    [Fact]
    public async Task At_first_what_only_people_can_state_is_missing()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var card = (await admin.GetAsync("/api/dossier/system-card")).Json;

        Assert.Equal(["coverage", "sections", "version"], card.SortedNames());
        Assert.Equal(0, card.GetProperty("version").GetInt32());
        Assert.Equal("""{"automated":1,"attested":0,"missing":8}""", card.GetProperty("coverage").GetRawText());
        Assert.Equal(Enumerable.Range(1, 9), card.GetProperty("sections").EnumerateArray().Select(static section => section.GetProperty("section").GetInt32()));
        var first = Section(card, 1);
        Assert.Equal("missing", first.Text("coverage"));
        Assert.Equal(["automated", "missing", "missing"], first.GetProperty("elements").EnumerateArray().Select(static element => element.Text("coverage")));
        Assert.Contains(first.GetProperty("evidence").EnumerateArray(), static evidence => evidence.Text("name") == "model" && evidence.Text("value") == "extractive");
        Assert.Equal(JsonValueKind.Null, first.GetProperty("attestation").ValueKind);
        Assert.Equal("automated", Section(card, 6).Text("coverage"));
        Assert.Equal(("missing", 0), (Section(card, 8).Text("coverage"), Section(card, 8).GetProperty("evidence").GetArrayLength()));
    }

    [Fact]
    public async Task What_is_attested_is_shown_with_its_hash_and_recorded_without_its_text()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var compliance = await admin.AddUserAsync(shared.Server, "compliance");
        var card = (await PutAsync(compliance, 0, (1, Purpose), (8, "Declaration of 1 March"))).Json;

        Assert.Equal(2, card.GetProperty("version").GetInt32());
        Assert.Equal("""{"automated":1,"attested":2,"missing":6}""", card.GetProperty("coverage").GetRawText());
        var attestation = Section(card, 1).GetProperty("attestation");
        Assert.Equal((Purpose, compliance.UserId, Sha256(Purpose)), (attestation.Text("text"), attestation.GetProperty("written_by").GetGuid(), attestation.Text("sha256")));
        Assert.Equal(["automated", "attested", "attested"], Section(card, 1).GetProperty("elements").EnumerateArray().Select(static element => element.Text("coverage")));
        var entry = Assert.Single(await admin.ReadLogOfAsync("settings.changed"));
        Assert.Equal($$$"""{"changes":{"system_card.section_1":"{{{Sha256(Purpose)}}}","system_card.section_8":"{{{Sha256("Declaration of 1 March")}}}"}}""", entry.GetProperty("data").GetRawText());

        // The same again changes nothing; a blank withdraws, and the earlier text stays in the card's versions.
        Assert.Equal(2, (await PutAsync(admin, 2, (1, Purpose))).Json.GetProperty("version").GetInt32());
        var without = (await PutAsync(admin, 2, (1, "  "), (8, null))).Json;
        Assert.Equal((4, "missing", "missing"), (without.GetProperty("version").GetInt32(), Section(without, 1).Text("coverage"), Section(without, 8).Text("coverage")));
        Assert.Equal(4, await shared.Server.Database.ScalarAsync<long>($"SELECT count(*) FROM system_card_attestations WHERE organization_id = '{admin.OrganizationId}'"));
        Assert.Equal(2, (await admin.ReadLogOfAsync("settings.changed")).Count);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Of_several_writers_who_read_the_same_card_one_writes()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => PutAsync(admin, 0, ((number % 9) + 1, $"Text {number}"))));

        Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.OK), static answer => Assert.Contains("read it again", answer.Problem(409).Text("detail"), StringComparison.Ordinal));
        Assert.Equal(1, (await admin.GetAsync("/api/dossier/system-card")).Json.GetProperty("version").GetInt32());
        Assert.Single(await admin.ReadLogOfAsync("settings.changed"));
    }

    [Theory]
    [InlineData("""{"version":-1,"sections":[]}""", "sections,version")]
    [InlineData("""{"version":0,"sections":[null]}""", "sections[0].section")]
    [InlineData("""{"version":0,"sections":[{"section":10,"attestation":"x"}]}""", "sections[0].section")]
    [InlineData("""{"version":0,"sections":[{"section":1,"attestation":"x"},{"section":1,"attestation":"y"}]}""", "sections[1].section")]
    [InlineData("""{"version":0,"sections":[{"section":1,"attestation":7}]}""", "sections[0].attestation")]
    public async Task What_is_wrong_is_named(string body, string fields)
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(fields.Split(','), (await admin.PutAsync("/api/dossier/system-card", body)).WrongFields());
    }

    private static JsonElement Section(JsonElement card, int number) => card.GetProperty("sections")[number - 1];

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Task<Answer> PutAsync(Api caller, int version, params (int Section, string? Text)[] sections)
    {
        var changes = sections.Select(static section => $$"""{"section":{{section.Section}},"attestation":{{(section.Text is null ? "null" : Api.Quote(section.Text))}}}""");
        return caller.PutAsync("/api/dossier/system-card", $$"""{"version":{{version}},"sections":[{{string.Join(',', changes)}}]}""");
    }
}
