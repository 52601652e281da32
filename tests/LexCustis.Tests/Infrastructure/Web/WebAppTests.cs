using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LexCustis.Infrastructure.Web;
using LexCustis.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LexCustis.Tests.Infrastructure.Web;

/// <summary>The web app's files over HTTP, from a folder as <c>web/scripts/pack.mjs</c> leaves it.</summary>
public sealed class WebAppTests : IAsyncLifetime
{
    private const string Page = "<!doctype html><title>Chat</title><script>start()</script>";
    private const string Script = "self.x=1";

    private readonly string parent = Directory.CreateTempSubdirectory("lexcustis-web-").FullName;
    private WebApplication? server;
    private HttpClient http = new();

    private string Folder => Path.Combine(parent, "web");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "_next", "static"));
        await File.WriteAllTextAsync(Path.Combine(parent, "secret.txt"), "not to be served");
        await File.WriteAllTextAsync(Path.Combine(Folder, "unlisted.txt"), "not to be served");
        await WriteAsync("chat.html", Page);
        await WriteAsync("404.html", "<title>Nothing here</title>");
        await WriteAsync("_next/static/a1b2.js", Script);
        await File.WriteAllTextAsync(Path.Combine(Folder, "assets.json"), """
            [{"path":"/chat","file":"chat.html","type":"text/html; charset=utf-8","etag":"e1","immutable":false,"encodings":["br","gz"],"scripts":["'sha256-abc'"]},
             {"path":"/404","file":"404.html","type":"text/html; charset=utf-8","etag":"e2","immutable":false,"encodings":[],"scripts":[]},
             {"path":"/_next/static/a1b2.js","file":"_next/static/a1b2.js","type":"text/javascript; charset=utf-8","etag":"e3","immutable":true,"encodings":["br","gz"]},
             {"path":"/gone.txt","file":"gone.txt","type":"text/plain; charset=utf-8","etag":"e4","immutable":true,"encodings":[]}]
            """);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server!.DisposeAsync();
        Directory.Delete(parent, recursive: true);
    }

    [Fact]
    public async Task A_page_has_a_clean_address_and_is_asked_for_anew_each_time()
    {
        using var answer = await http.GetAsync("/chat");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.Equal(Page, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_pages_policy_allows_its_own_scripts_and_nothing_inline_or_foreign()
    {
        using var answer = await http.GetAsync("/chat");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self' 'sha256-abc';", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_a_hash_in_its_name_is_kept_for_ever()
    {
        using var answer = await http.GetAsync("/_next/static/a1b2.js");
        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
        Assert.False(answer.Headers.Contains("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip;q=1, br;q=0", "gzip")]
    [InlineData("*", "br")]
    [InlineData("identity", null)]
    [InlineData("*;q=0", null)]
    [InlineData("", null)]
    [InlineData("br;q=nonsense", null)]
    public async Task The_smallest_copy_that_the_client_takes_is_sent(string accepts, string? encoding)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/chat", ("Accept-Encoding", accepts));
        Assert.Equal(encoding is null ? [] : [encoding], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain);
        Assert.Equal(Page, await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_again_and_each_form_has_its_own_tag()
    {
        using var plain = await http.GetAsync("/chat");
        using var compressed = await SendAsync(HttpMethod.Get, "/chat", ("Accept-Encoding", "br"));
        Assert.NotEqual(plain.Headers.ETag, compressed.Headers.ETag);

        using var again = await SendAsync(HttpMethod.Get, "/chat", ("If-None-Match", $"\"other\", {plain.Headers.ETag}"));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(plain.Headers.ETag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());

        using var otherForm = await SendAsync(HttpMethod.Get, "/chat", ("If-None-Match", compressed.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.OK, otherForm.StatusCode);
    }

    [Fact]
    public async Task Head_tells_the_length_and_sends_nothing()
    {
        using var answer = await SendAsync(HttpMethod.Head, "/chat");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Page.Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Nothing_but_reading_is_allowed()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/chat");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/_next/../../secret.txt")]
    [InlineData("/_next/static/%5c..%5c..%5csecret.txt")]
    [InlineData("//etc/passwd")]
    [InlineData("/unlisted.txt")]
    [InlineData("/assets.json")]
    [InlineData("/chat.html.br")]
    [InlineData("/chat%00.html")]
    public async Task No_address_leads_out_of_the_list(string path)
    {
        // As it stands, without the cleaning that HttpClient does.
        var answer = await SendRawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
        Assert.DoesNotContain("not to be served", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_gets_a_page_for_an_unknown_address_and_a_program_does_not()
    {
        using var person = await SendAsync(HttpMethod.Get, "/nowhere", ("Accept", "text/html,*/*;q=0.8"));
        Assert.Equal(HttpStatusCode.NotFound, person.StatusCode);
        Assert.Contains("Nothing here", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(person.Headers.Contains("Content-Security-Policy"));

        using var program = await SendAsync(HttpMethod.Get, "/nowhere", ("Accept", "application/json"));
        Assert.Equal("", await program.Content.ReadAsStringAsync());
        using var api = await SendAsync(HttpMethod.Get, "/api/nowhere", ("Accept", "text/html"));
        Assert.Equal("", await api.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_file_that_a_later_build_took_away_is_missing_and_not_remembered()
    {
        using var answer = await http.GetAsync("/gone.txt");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Without_a_build_the_start_page_says_how_to_make_one()
    {
        await server!.DisposeAsync();
        File.Delete(Path.Combine(Folder, "assets.json"));
        await StartAsync();
        using var answer = await http.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("text/plain", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Contains("make build", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_cannot_be_read_is_named()
    {
        File.WriteAllText(Path.Combine(Folder, "assets.json"), "[{");
        var failure = Assert.Throws<InvalidDataException>(() => WebApp.Read(Folder));
        Assert.Contains("assets.json", failure.Message, StringComparison.Ordinal);
    }

    private async Task WriteAsync(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        await File.WriteAllTextAsync(path, text);
        await using var brotli = new BrotliStream(File.Create(path + ".br"), CompressionLevel.Optimal);
        await brotli.WriteAsync(Encoding.UTF8.GetBytes(text));
        await using var gzip = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Optimal);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        server = builder.Build();
        server.UseRouting();
        server.UseWebApp(Folder);
        await server.StartAsync();
        http.Dispose();
        http = new HttpClient { BaseAddress = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request);
    }

    private async Task<string> SendRawAsync(string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(http.BaseAddress!.Host, http.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}

/// <summary>The real server with the real export; skipped where only the managed build is there, which has no export beside it.</summary>
public sealed class WebAppOfTheBinaryTests(SharedServer shared)
{
    [Fact]
    public async Task The_binary_serves_the_app_and_the_api_from_one_origin()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Path.GetDirectoryName(Binary.Path)!, "web", "assets.json")), "no web app beside this binary");
        foreach (var path in (string[])["/", "/sign-in", "/register", "/chat", "/audit"])
        {
            using var page = await shared.Server.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
            Assert.Contains("'sha256-", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.DoesNotContain("//cdn", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var api = new Api(shared.Server.Http, null);
        (await api.GetAsync("/api/nothing")).Problem(404);
        (await api.GetAsync("/nothing")).Problem(404);
        (await api.GetAsync("/api/chat")).Problem(405);
    }
}
