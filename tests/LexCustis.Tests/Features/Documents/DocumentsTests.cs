using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Documents;

public sealed class DocumentsTests(SharedServer shared)
{
    [Fact]
    public async Task The_list_is_newest_first_in_pages_and_by_status()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        for (var number = 0; number < 5; number++)
            await admin.UploadAndWaitAsync($"{number}.txt", $"Document number {number} of five.");
        await admin.UploadAndWaitAsync("blank.txt", " \n ");

        var first = (await admin.GetAsync("/api/documents?limit=4")).Json;
        Assert.Equal(["blank.txt", "4.txt", "3.txt", "2.txt"], first.GetProperty("items").EnumerateArray().Select(static item => item.Text("name")));
        var second = (await admin.GetAsync($"/api/documents?limit=4&cursor={first.Text("next_cursor")}")).Json;
        Assert.Equal(["1.txt", "0.txt"], second.GetProperty("items").EnumerateArray().Select(static item => item.Text("name")));
        Assert.Null(second.GetProperty("next_cursor").GetString());
        Assert.Equal("blank.txt", Assert.Single((await admin.GetAsync("/api/documents?status=failed")).Json.GetProperty("items").EnumerateArray()).Text("name"));
        Assert.Equal(5, (await admin.GetAsync("/api/documents?status=ready")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(["status"], (await admin.GetAsync("/api/documents?status=lost")).WrongFields());
        Assert.Equal(["cursor", "limit"], (await admin.GetAsync("/api/documents?cursor=x&limit=0")).WrongFields());
    }

    [Fact]
    public async Task A_source_opens_at_its_passage_with_what_stands_around_it()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var sentences = Enumerable.Range(1, 200).Select(static number => $"Sentence number {number} tells something about nothing in particular 🙂.");
        var text = string.Join(' ', sentences);
        var document = await admin.UploadAndWaitAsync("long.txt", text);
        var total = document.GetProperty("chunks_total").GetInt32();
        Assert.InRange(total, 5, 20);

        for (var position = 0; position < total; position++)
        {
            var opened = (await admin.GetAsync($"/api/documents/{document.Text("id")}/passages/{position}?context=20")).Json;
            Assert.Equal((total, position), (opened.GetProperty("passages_total").GetInt32(), opened.GetProperty("position").GetInt32()));
            var items = opened.GetProperty("items").EnumerateArray().ToList();
            Assert.Equal(text, string.Join(' ', items.Select(static item => item.Text("text"))));
            Assert.All(items, item => Assert.Equal(text[item.GetProperty("start").GetInt32()..item.GetProperty("end").GetInt32()], item.Text("text")));
            Assert.Equal(position, Assert.Single(items, static item => item.GetProperty("quoted").GetBoolean()).GetProperty("position").GetInt32());
        }

        Assert.Equal(3, (await admin.GetAsync($"/api/documents/{document.Text("id")}/passages/2?context=1")).Json.GetProperty("items").GetArrayLength());
        (await admin.GetAsync($"/api/documents/{document.Text("id")}/passages/{total}")).Problem(404);
        (await admin.GetAsync($"/api/documents/{document.Text("id")}/passages/-1")).Problem(404);
        Assert.Equal(["context"], (await admin.GetAsync($"/api/documents/{document.Text("id")}/passages/0?context=21")).WrongFields());
    }

    [Fact]
    public async Task Deletion_takes_the_file_and_the_passages_and_leaves_an_entry()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var colleague = await admin.AddUserAsync(shared.Server, "member");
        var id = (await member.UploadAndWaitAsync("mine.txt", "Mine alone.")).Text("id");
        var second = (await member.UploadAndWaitAsync("second.txt", "Mine too.")).Text("id");

        (await colleague.DeleteAsync($"/api/documents/{id}")).Problem(403);
        Assert.Equal(HttpStatusCode.NoContent, (await member.DeleteAsync($"/api/documents/{id}")).Status);
        (await member.DeleteAsync($"/api/documents/{id}")).Problem(404);
        (await member.GetAsync($"/api/documents/{id}")).Problem(404);
        (await member.GetAsync($"/api/documents/{id}/passages/0")).Problem(404);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/documents/{second}")).Status);

        Assert.Equal(0, await shared.Server.Database.ScalarAsync<long>($"""
            SELECT (SELECT count(*) FROM document_files WHERE organization_id = '{admin.OrganizationId}') + (SELECT count(*) FROM document_passages WHERE organization_id = '{admin.OrganizationId}')
            """));
        var entries = await admin.ReadLogOfAsync("document.deleted");
        Assert.Equal([(id, member.UserId.ToString()), (second, admin.UserId.ToString())], entries.Select(static entry => (entry.GetProperty("data").Text("document_id"), entry.Text("user_id"))));
        Assert.Equal("mine.txt", (await admin.GetAsync($"/api/audit/{entries[0].Text("id")}")).Json.GetProperty("content").Text("name"));
        // The same bytes may come back.
        Assert.Equal(HttpStatusCode.Created, (await member.UploadAsync("mine.txt", "Mine alone.")).Status);
        await admin.AssertLogIsCleanAsync();
    }
}
