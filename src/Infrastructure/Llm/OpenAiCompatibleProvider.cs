using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace LexCustis.Infrastructure.Llm;

/// <summary>Any server that speaks OpenAI's chat completions, and the base of those that we know by name.</summary>
/// <param name="endpoint">The address of <c>chat/completions</c> itself, from <see cref="ProviderUrl"/>.</param>
internal class OpenAiCompatibleProvider(UpstreamClient client, Uri endpoint, string? apiKey, string model, string region) : ILlmProvider
{
    public virtual string Name => ProviderNames.OpenAiCompatible;

    public string Model => model;

    public string DataRegion => region;

    public async IAsyncEnumerable<string> StreamChatAsync(
        IReadOnlyList<ChatMessage> messages, double temperature = 0.3, UpstreamReport? report = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var exchange = new UpstreamExchange(client, Name, apiKey, messages, report ?? new UpstreamReport(), cancellationToken);
        using var request = CreateRequest(messages, temperature);
        await exchange.OpenAsync(request);
        while (await exchange.NextAsync() is { } piece)
            yield return piece;
    }

    /// <summary>Writes the request's fields beyond model, messages, temperature and stream.</summary>
    protected virtual void WriteOptions(Utf8JsonWriter json)
    {
        json.WriteStartObject("stream_options"u8);
        json.WriteBoolean("include_usage"u8, true);
        json.WriteEndObject();
    }

    private HttpRequestMessage CreateRequest(IReadOnlyList<ChatMessage> messages, double temperature)
    {
        var body = new ByteArrayContent(WriteBody(messages, temperature)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = body,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (apiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return request;
    }

    private byte[] WriteBody(IReadOnlyList<ChatMessage> messages, double temperature)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            foreach (var message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role"u8, message.Role switch
                {
                    ChatRole.System => "system"u8,
                    ChatRole.Assistant => "assistant"u8,
                    _ => "user"u8,
                });
                json.WriteString("content"u8, message.Content);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("temperature"u8, temperature);
            json.WriteBoolean("stream"u8, true);
            WriteOptions(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
