using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>Uploading as a browser does, and waiting until the server has indexed.</summary>
internal static class Documents
{
    public static Task<Answer> UploadAsync(this Api api, string name, string text) => api.UploadAsync(name, Encoding.UTF8.GetBytes(text));

    /// <param name="field">The part's name.</param>
    public static async Task<Answer> UploadAsync(this Api api, string name, byte[] file, string field = "file")
    {
        using var content = new ByteArrayContent(file);
        using var form = new MultipartFormDataContent();
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(content, field, name);
        using var request = api.Request(HttpMethod.Post, "/api/documents", null);
        request.Content = form;
        return await api.SendAsync(request);
    }

    public static Task<JsonElement> UploadAndWaitAsync(this Api api, string name, string text) => api.UploadAndWaitAsync(name, Encoding.UTF8.GetBytes(text));

    /// <returns>The document once it is ready or failed.</returns>
    public static async Task<JsonElement> UploadAndWaitAsync(this Api api, string name, byte[] file)
    {
        var answer = await api.UploadAsync(name, file);
        Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, answer.Text);
        return await api.WaitForDocumentAsync(answer.Json.Text("id"));
    }

    /// <returns>The document once it has one of the states; by default once nothing more happens to it.</returns>
    public static async Task<JsonElement> WaitForDocumentAsync(this Api api, string id, params string[] states)
    {
        if (states.Length == 0)
            states = ["ready", "failed"];
        var answer = await Waiting.ForAsync(async () => await api.GetAsync($"/api/documents/{id}") is var answer && states.Contains(answer.Json.Text("status")) ? answer : null, $"document {id}");
        return answer.Json;
    }

    /// <summary>Expects it to be ready, and reads its passages through the API, in order.</summary>
    public static async Task<List<JsonElement>> ReadPassagesAsync(this Api api, JsonElement document)
    {
        Assert.True(document.Text("status") == "ready", document.GetRawText());
        var passages = new List<JsonElement>();
        for (var position = 0; position < document.GetProperty("chunks_total").GetInt32(); position++)
        {
            var opened = await api.GetAsync($"/api/documents/{document.Text("id")}/passages/{position}?context=0");
            passages.Add(Assert.Single(opened.Json.GetProperty("items").EnumerateArray()));
        }

        return passages;
    }
}
