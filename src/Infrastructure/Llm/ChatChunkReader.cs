using System.Text.Json;

namespace LexCustis.Infrastructure.Llm;

/// <summary>What an upstream says went wrong, in its own words.</summary>
/// <param name="Status">An HTTP status, where the error's code is one.</param>
internal sealed record UpstreamError(string? Message, string? Code, int? Status);

/// <summary>
/// Reads the JSON of OpenAI's <c>chat.completion.chunk</c>, and of the whole <c>chat.completion</c> that some servers answer instead,
/// filling a report on the way. Allocates nothing but the text.
/// </summary>
internal sealed class ChatChunkReader(UpstreamReport report)
{
    private double _logProbabilitySum;
    private int _logProbabilityCount;

    /// <summary>The error object that the last chunk read was, if it was one.</summary>
    public UpstreamError? Error { get; private set; }

    /// <summary>True once a chunk gave a <c>finish_reason</c>: the text is whole.</summary>
    public bool Finished { get; private set; }

    /// <summary>The text that a chunk adds, or null when it adds none.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or not of this shape; the message quotes nothing of it.</exception>
    public string? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadChunk(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is how the reader tells of text that is not valid UTF-8 or UTF-16.
            throw new InvalidDataException("a frame is not valid JSON", e);
        }
    }

    private string? ReadChunk(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (!EnterObject(ref reader))
            throw WrongShape();

        string? text = null;
        var known = false;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                known = true;
                text = ReadFirstChoice(ref reader);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                known = true;
                ReadUsage(ref reader);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                Error = ReadError(ref reader);
                known |= Error is not null;
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && !reader.ValueTextEquals(report.Model))
                    report.Model = reader.GetString();
                else
                    reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        // Anything after the object makes this throw.
        reader.Read();
        return known ? text : throw WrongShape();
    }

    private string? ReadFirstChoice(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!EnterArray(ref reader))
            return null;

        string? text = null;
        for (var first = true; NextItem(ref reader); first = false)
        {
            // One answer is asked for; a server that sends more is read for the first.
            if (!first)
            {
                reader.Skip();
                continue;
            }

            if (!EnterObject(ref reader))
                throw WrongShape();
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8))
                    text = ReadMessage(ref reader) ?? text;
                else if (reader.ValueTextEquals("finish_reason"u8))
                    ReadFinishReason(ref reader);
                else if (reader.ValueTextEquals("logprobs"u8))
                    ReadLogProbabilities(ref reader);
                else
                    reader.Skip();
            }
        }

        return text;
    }

    private static string? ReadMessage(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!EnterObject(ref reader))
            return null;

        string? text = null;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                text = reader.TokenType == JsonTokenType.StartArray ? ReadContentParts(ref reader) : ReadText(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }

    /// <summary>Mistral's reasoning models send content as a list; its <c>thinking</c> parts are not the answer.</summary>
    private static string? ReadContentParts(ref Utf8JsonReader reader)
    {
        string? text = null;
        while (NextItem(ref reader))
        {
            if (!EnterObject(ref reader))
                throw WrongShape();
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("text"u8))
                {
                    reader.Read();
                    text += ReadText(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return text;
    }

    private void ReadFinishReason(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (ReadText(ref reader) is not { } reason)
            return;
        report.FinishReason = reason;
        Finished = true;
    }

    private void ReadUsage(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!EnterObject(ref reader))
            return;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
                report.PromptTokens = ReadCount(ref reader) ?? report.PromptTokens;
            else if (reader.ValueTextEquals("completion_tokens"u8))
                report.CompletionTokens = ReadCount(ref reader) ?? report.CompletionTokens;
            else
                reader.Skip();
        }
    }

    private void ReadLogProbabilities(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!EnterObject(ref reader))
            return;
        while (NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("content"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            if (!EnterArray(ref reader))
                continue;
            while (NextItem(ref reader))
                ReadLogProbability(ref reader);
        }

        if (_logProbabilityCount > 0)
            report.MeanLogProbability = _logProbabilitySum / _logProbabilityCount;
    }

    private void ReadLogProbability(ref Utf8JsonReader reader)
    {
        if (!EnterObject(ref reader))
            return;
        while (NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("logprob"u8))
            {
                // Among others the alternatives, which have log probabilities of their own.
                reader.Skip();
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value))
            {
                _logProbabilitySum += value;
                _logProbabilityCount++;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>The error that the reader stands on: OpenAI's object, or the bare string of Ollama; null for null.</summary>
    private static UpstreamError? ReadError(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new UpstreamError(reader.GetString(), null, null);
        if (!EnterObject(ref reader))
            return null;

        string? message = null, code = null;
        int? status = null;
        while (NextProperty(ref reader))
        {
            var isMessage = reader.ValueTextEquals("message"u8);
            var isCode = reader.ValueTextEquals("code"u8);
            reader.Read();
            if (isMessage && reader.TokenType == JsonTokenType.String)
                message = reader.GetString();
            else if (isCode && reader.TokenType == JsonTokenType.String)
                code = reader.GetString();
            else if (isCode && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                status = number;
            else
                reader.Skip();
        }

        return new UpstreamError(message, code, status);
    }

    private static int? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count))
            return count;
        reader.Skip();
        return null;
    }

    private static string? ReadText(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString() is { Length: > 0 } text ? text : null,
        _ => throw WrongShape(),
    };

    private static bool EnterObject(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    private static bool EnterArray(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartArray);

    /// <summary>False for null, which servers write for what they leave out.</summary>
    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start) =>
        reader.TokenType == start || (reader.TokenType == JsonTokenType.Null ? false : throw WrongShape());

    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static bool NextItem(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    private static InvalidDataException WrongShape() => new("a frame has the wrong shape");
}
