using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>A turn read frame by frame as it streams, by a client that may leave in the middle.</summary>
internal sealed class LiveTurn : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private LiveTurn(HttpResponseMessage response, Stream body) => (this.response, reader) = (response, new StreamReader(body));

    /// <summary>For the test to note.</summary>
    public string ConversationId { get; set; } = "";

    public static async Task<LiveTurn> OpenAsync(Api caller, string message, string more = "")
    {
        var answer = await caller.OpenChatAsync(message, more);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return new LiveTurn(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The next frame, which is of that type.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        var data = await ReadAsync();
        Assert.NotNull(data);
        Assert.NotEqual("[DONE]", data);
        var frame = JsonDocument.Parse(data).RootElement;
        Assert.Equal(type, ChatAnswer.TypeOf(frame));
        return frame;
    }

    /// <summary>What is left, read to the end of the body.</summary>
    public async Task<ChatAnswer> RestAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return ChatAnswer.Read(response.StatusCode, response.Headers, await reader.ReadToEndAsync(patience.Token));
    }

    /// <summary>Closes the connection while the server waits for its model: what a closed browser tab does.</summary>
    public async Task LeaveAsync()
    {
        using var leave = new CancellationTokenSource();
        var reading = reader.ReadLineAsync(leave.Token).AsTask();
        Assert.False(reading.IsCompleted);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    public void Dispose() => response.Dispose();

    /// <summary>The next event's data; null at the end of the body.</summary>
    private async Task<string?> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            Assert.Equal("", await reader.ReadLineAsync(patience.Token));
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return line["data: ".Length..];
        }

        return null;
    }
}
