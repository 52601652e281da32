using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Incidents;

public sealed class EvidenceTests(SharedServer shared)
{
    private const int Limit = 10 << 20;

    [Fact]
    public async Task A_file_comes_back_as_it_went_in_and_the_log_has_its_hash()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = await ReportAsync(admin);
        var bytes = RandomNumberGenerator.GetBytes(Limit);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));

        var added = await UploadAsync(admin, incident, bytes, "Zoras Brief ü.html", "text/html");
        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal(("Zoras Brief ü.html", "text/html", (long)Limit, sha256), (added.Json.Text("name"), added.Json.Text("media_type"), added.Json.GetProperty("size").GetInt64(), added.Json.Text("sha256")));
        var id = added.Json.Text("id");

        using var request = admin.Request(HttpMethod.Get, $"/api/incidents/{incident}/evidence/{id}", null);
        using var file = await shared.Server.Http.SendAsync(request);
        Assert.Equal(bytes, await file.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("attachment", "Zoras Brief ü.html"), (file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileNameStar));
        Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());

        var data = Assert.Single(await admin.ReadLogOfAsync("incident.changed")).GetProperty("data");
        Assert.Equal($"{{\"incident_id\":\"{incident}\",\"evidence\":{{\"id\":\"{id}\",\"sha256\":\"{sha256}\",\"size\":{Limit}}}}}", data.GetRawText());
        Assert.DoesNotContain("Brief", (await admin.GetAsync("/api/audit/export")).Text, StringComparison.Ordinal);
        Assert.Equal(sha256, Assert.Single((await admin.GetAsync($"/api/incidents/{incident}")).Json.GetProperty("evidence").EnumerateArray()).Text("sha256"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Those_who_see_the_incident_see_its_files()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var (member, other) = (await admin.AddUserAsync(shared.Server, "member"), await admin.AddUserAsync(shared.Server, "member"));
        var auditor = await admin.AddUserAsync(shared.Server, "auditor");
        var stranger = await Api.RegisterAsync(shared.Server);
        var incident = await ReportAsync(member);
        var file = (await UploadAsync(member, incident, "what I saw"u8.ToArray())).Json.Text("id");
        var elsewhere = await ReportAsync(member);

        foreach (var reader in (Api[])[member, auditor, admin])
            Assert.Equal("what I saw", (await reader.GetAsync($"/api/incidents/{incident}/evidence/{file}")).Text);
        foreach (var reader in (Api[])[other, stranger])
        {
            (await reader.GetAsync($"/api/incidents/{incident}/evidence/{file}")).Problem(404);
            (await UploadAsync(reader, incident, "mine too"u8.ToArray())).Problem(404);
        }

        (await member.GetAsync($"/api/incidents/{elsewhere}/evidence/{file}")).Problem(404);
        (await UploadAsync(auditor, incident, "mine too"u8.ToArray())).Problem(403);
        Assert.Single((await member.GetAsync($"/api/incidents/{incident}")).Json.GetProperty("evidence").EnumerateArray());
    }

    [Fact]
    public async Task A_closed_incident_and_a_full_one_take_no_more()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = await ReportAsync(admin);
        var answers = await Task.WhenAll(Enumerable.Range(0, 23).Select(number => UploadAsync(admin, incident, Encoding.UTF8.GetBytes($"file {number}"))));
        Assert.Equal((20, 3), (answers.Count(static answer => answer.Status == HttpStatusCode.Created), answers.Count(static answer => answer.Status == HttpStatusCode.Conflict)));

        var closed = await ReportAsync(admin);
        await admin.PatchAsync($"/api/incidents/{closed}", """{"status":"closed"}""");
        (await UploadAsync(admin, closed, "late"u8.ToArray())).Problem(409);
        Assert.Equal(21, (await admin.ReadLogAsync()).Count(static entry => entry.Text("event_type") is "incident.changed" or "incident.closed"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task What_is_too_large_is_413_and_what_is_no_file_is_named()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var incident = await ReportAsync(admin);
        (await UploadAsync(admin, incident, new byte[Limit + 1])).Problem(413);
        (await UploadAsync(admin, incident, new byte[Limit + (1 << 20)])).Problem(413);
        (await UploadAsync(admin, incident, [])).ProblemNames("file");
        (await UploadAsync(admin, incident, "x"u8.ToArray(), field: "document")).ProblemNames("file");
        (await UploadAsync(admin, incident, "x"u8.ToArray(), name: "\u200B")).ProblemNames("file");
        Assert.Equal(255, (await UploadAsync(admin, incident, "x"u8.ToArray(), name: new string('n', 300))).Json.Text("name").Length);
        Assert.Equal("passwd", (await UploadAsync(admin, incident, "x"u8.ToArray(), name: "../../etc/passwd")).Json.Text("name"));

        (await SendAsync(admin, incident, "{}"u8.ToArray(), "application/json")).Problem(415);
        (await SendAsync(admin, incident, "x"u8.ToArray(), "multipart/form-data")).ProblemNames("file");
        (await SendAsync(admin, incident, "x"u8.ToArray(), "multipart/form-data; boundary=b")).ProblemNames("file");
        (await SendAsync(admin, incident, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\ncut off"u8.ToArray(), "multipart/form-data; boundary=b")).ProblemNames("file");
        (await SendAsync(admin, incident, Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: {new string('x', 100_000)}\r\n\r\nx\r\n--b--\r\n"), "multipart/form-data; boundary=b")).ProblemNames("file");
        Assert.Equal(2, (await admin.GetAsync($"/api/incidents/{incident}")).Json.GetProperty("evidence").GetArrayLength());
        await admin.AssertLogIsCleanAsync();
    }

    private static async Task<string> ReportAsync(Api reporter) => (await reporter.PostAsync("/api/incidents", """{"title":"Look at this"}""")).Json.Text("id");

    private async Task<Answer> UploadAsync(Api caller, string incident, byte[] bytes, string name = "file.bin", string mediaType = "application/octet-stream", string field = "file")
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("ignored"), "comment");
        form.Add(new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } }, field, name);
        return await SendAsync(caller, incident, form);
    }

    private async Task<Answer> SendAsync(Api caller, string incident, byte[] body, string contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await SendAsync(caller, incident, content);
    }

    private async Task<Answer> SendAsync(Api caller, string incident, HttpContent content)
    {
        using var request = caller.Request(HttpMethod.Post, $"/api/incidents/{incident}/evidence", null);
        request.Content = content;
        using var response = await shared.Server.Http.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
