using System.Diagnostics;
using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Faults;

/// <summary>Whatever goes away while a document is indexed, it ends once, as it should, or is gone.</summary>
public sealed class IndexingTests
{
    [Fact]
    public async Task Two_servers_share_the_queue_and_index_each_document_once()
    {
        const int Count = 50;
        await using var database = await TestDatabase.CreateAsync();
        await using var front = await LexCustisServer.StartAsync(new() { ["LEXCUSTIS_DOCUMENT_WORKERS"] = "0" }, database);
        var admin = await Api.RegisterAsync(front);
        var uploads = await Task.WhenAll(Enumerable.Range(0, Count).Select(number => admin.UploadAsync($"{number}.md", $"# Page {number}\n\nThis is what stands on page {number}.")));
        Assert.All(uploads, static upload => Assert.Equal((HttpStatusCode.Created, "queued"), (upload.Status, upload.Json.Text("status"))));

        await using var first = await LexCustisServer.StartAsync(database: database);
        await using var second = await LexCustisServer.StartAsync(database: database);
        var indexed = await admin.WaitForEntriesAsync("document.indexed", Count);

        Assert.Equal(uploads.Select(static upload => upload.Json.Text("id")).Order(), indexed.Select(static entry => entry.GetProperty("data").Text("document_id")).Order());
        Assert.Equal(Count, (await admin.GetAsync("/api/documents?limit=500&status=ready")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(Count, await database.ScalarAsync<long>("SELECT count(*) FROM document_passages"));
        Assert.DoesNotContain("Indexed document", front.Process.Log, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_killed_servers_document_is_indexed_by_another()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var slow = new SlowReader("exec /bin/sleep 20");
        await using var victim = await LexCustisServer.StartAsync(slow.Settings, database);
        var admin = await Api.RegisterAsync(victim);
        var id = (await admin.UploadAsync("a.pdf", DocumentFiles.Pdf("Nothing is lost."))).Json.Text("id");
        await admin.WaitForDocumentAsync(id, "indexing");
        await slow.StartedAsync();
        await victim.Process.KillAsync();

        await using var survivor = await LexCustisServer.StartAsync(database: database);
        admin = new Api(survivor.Http, admin.Token);
        Assert.Equal("indexing", (await admin.GetAsync($"/api/documents/{id}")).Json.Text("status"));
        // What half a minute does.
        await database.ExecuteAsync("UPDATE documents SET claimed_until = now()");

        var document = await admin.WaitForDocumentAsync(id);
        Assert.Equal("Nothing is lost.", Assert.Single(await admin.ReadPassagesAsync(document)).Text("text"));
        Assert.Single(await admin.ReadLogOfAsync("document.indexed"));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_server_told_to_stop_gives_its_document_back_at_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var slow = new SlowReader("exec /bin/sleep 20");
        await using var server = await LexCustisServer.StartAsync(slow.Settings, database);
        var admin = await Api.RegisterAsync(server);
        await admin.UploadAsync("a.pdf", DocumentFiles.Pdf("Nothing is lost."));
        await slow.StartedAsync();

        Assert.Equal(0, await server.Process.StopAsync());

        Assert.Equal("queued 0 t", await database.ScalarAsync<string>("SELECT concat_ws(' ', status, attempts, claim IS NULL) FROM documents"));
    }

    [Fact]
    public async Task A_deletion_wins_over_the_indexing_that_is_under_way()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var slow = new SlowReader("while [ ! -e \"$0.go\" ]; do /bin/sleep 0.05; done; echo Too late.");
        await using var server = await LexCustisServer.StartAsync(slow.Settings, database);
        var admin = await Api.RegisterAsync(server);
        var id = (await admin.UploadAsync("a.pdf", DocumentFiles.Pdf("Not for long."))).Json.Text("id");
        await slow.StartedAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/documents/{id}")).Status);
        slow.Go();
        await Waiting.ForAsync(() => Task.FromResult(server.Process.Log.Contains($"{id} was deleted", StringComparison.Ordinal) ? "noticed" : null), "the indexer's notice");

        Assert.Equal("0 0 0", await database.ScalarAsync<string>(
            "SELECT concat_ws(' ', (SELECT count(*) FROM documents), (SELECT count(*) FROM document_files), (SELECT count(*) FROM document_passages))"));
        Assert.Equal(["document.uploaded", "document.deleted"],
            (await admin.ReadLogAsync()).Select(static entry => entry.Text("event_type")).Where(static type => type.StartsWith("document.", StringComparison.Ordinal)));
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Trouble_with_the_database_is_tried_again_and_given_up_in_the_end()
    {
        await using var server = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(server);
        await server.Database.ExecuteAsync("ALTER TABLE document_passages RENAME TO elsewhere");
        var id = (await admin.UploadAsync("a.txt", "It comes back.")).Json.Text("id");
        await Waiting.ForAsync(() => Task.FromResult(server.Process.Log.Contains("trying again in 2 s", StringComparison.Ordinal) ? "tried" : null), "the first failure");
        Assert.Equal("queued", (await admin.GetAsync($"/api/documents/{id}")).Json.Text("status"));

        await server.Database.ExecuteAsync("ALTER TABLE elsewhere RENAME TO document_passages");
        Assert.Equal("ready", (await admin.WaitForDocumentAsync(id)).Text("status"));

        // One that has failed so often before is not tried for ever: neither after errors, nor when its server died each time.
        await server.Database.ExecuteAsync("ALTER TABLE document_passages ADD CONSTRAINT refuses CHECK (content = '') NOT VALID");
        await server.Database.ExecuteAsync("UPDATE documents SET status = 'queued', attempts = 5, due_at = now()");
        var failed = await admin.WaitForDocumentAsync(id);
        Assert.Equal(("failed", "internal"), (failed.Text("status"), failed.Text("reason_code")));
        await server.Database.ExecuteAsync("UPDATE documents SET status = 'queued', reason = NULL, reason_code = NULL, attempts = 6, due_at = now()");
        Assert.Equal("interrupted", (await admin.WaitForDocumentAsync(id)).Text("reason_code"));
        Assert.Equal(0, await server.Database.ScalarAsync<long>("SELECT count(*) FROM document_passages"));
        Assert.DoesNotContain("It comes back", server.Process.Log, StringComparison.Ordinal);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task Without_pdftotext_a_PDF_says_so_and_the_other_formats_go_on()
    {
        await using var server = await LexCustisServer.StartAsync(new() { ["PATH"] = "/nonexistent" });
        var admin = await Api.RegisterAsync(server);
        var pdf = await admin.UploadAndWaitAsync("a.pdf", DocumentFiles.Pdf("Unread."));
        Assert.Equal("reader_missing", pdf.Text("reason_code"));
        Assert.Contains("pdftotext", pdf.Text("reason"), StringComparison.Ordinal);
        Assert.Contains("poppler-utils", pdf.Text("reason"), StringComparison.Ordinal);
        Assert.Equal("ready", (await admin.UploadAndWaitAsync("a.docx", DocumentFiles.Word(DocumentFiles.Paragraph("Read.")))).Text("status"));
        Assert.Equal("ready", (await admin.GetAsync("/readyz")).Json.Text("status"));
    }

    [Fact]
    public async Task Indexed_anew_the_passages_are_replaced_and_none_is_left_of_before()
    {
        await using var server = await LexCustisServer.StartAsync();
        var admin = await Api.RegisterAsync(server);
        var id = (await admin.UploadAndWaitAsync("a.md", "# One\n\nFirst.\n\n# Two\n\nSecond.")).Text("id");
        var before = await server.Database.ScalarAsync<string>("SELECT string_agg(id::text, ' ' ORDER BY position) FROM document_passages");
        await server.Database.ExecuteAsync("UPDATE documents SET status = 'queued', due_at = now()");

        await admin.WaitForEntriesAsync("document.indexed", 2);

        Assert.Equal(2, (await admin.ReadPassagesAsync(await admin.WaitForDocumentAsync(id))).Count);
        Assert.Equal(2, await server.Database.ScalarAsync<long>("SELECT count(*) FROM document_passages"));
        Assert.NotEqual(before, await server.Database.ScalarAsync<string>("SELECT string_agg(id::text, ' ' ORDER BY position) FROM document_passages"));
        await admin.AssertLogIsCleanAsync();
    }

    /// <summary>A pdftotext that does what the test wants, before the real one in a server's PATH.</summary>
    private sealed class SlowReader : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

        public SlowReader(string script)
        {
            var path = Path.Combine(folder.FullName, "pdftotext");
            File.WriteAllText(path, $"#!/bin/sh\n/bin/cat >/dev/null\n: >\"$0.started\"\n{script}\n");
            using var change = Process.Start("chmod", ["755", path]);
            change.WaitForExit();
        }

        /// <summary>With it; it may write a file, which the sandbox and the limits would not let it.</summary>
        public Dictionary<string, string> Settings => new() { ["PATH"] = $"{folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}" };

        public Task<string> StartedAsync() => Waiting.ForAsync(() => Task.FromResult(File.Exists(Path.Combine(folder.FullName, "pdftotext.started")) ? "started" : null), "the reader");

        public void Go() => File.WriteAllText(Path.Combine(folder.FullName, "pdftotext.go"), "");

        public void Dispose() => folder.Delete(recursive: true);
    }
}
