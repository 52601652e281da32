using System.Text.Json;

namespace LexCustis.Infrastructure.Monitoring;

/// <summary>The members of an entry's <c>data</c> that monitoring counts.</summary>
internal struct EntryFacts
{
    public EntryFacts()
    {
    }

    public string Provider { get; private set; } = "";

    public string Model { get; private set; } = "";

    public string? Outcome { get; private set; }

    public string? Reason { get; private set; }

    public List<string>? Flags { get; private set; }

    public double? Confidence { get; private set; }

    public double? Grounding { get; private set; }

    public long? FirstTokenMs { get; private set; }

    public long? DurationMs { get; private set; }

    public long PromptTokens { get; private set; }

    public long CompletionTokens { get; private set; }

    private DateOnly Day { get; set; }

    private string Kind { get; set; } = "";

    private string Statistic { get; set; } = "";

    private double Value { get; set; }

    private double PValue { get; set; }

    private double Current { get; set; }

    private double Previous { get; set; }

    /// <exception cref="JsonException">The body is not what the product wrote; also as <see cref="InvalidOperationException"/> or <see cref="FormatException"/>.</exception>
    public static EntryFacts Read(ReadOnlySpan<byte> body)
    {
        var facts = new EntryFacts();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var data = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (data && reader.TokenType == JsonTokenType.StartObject)
                facts.ReadData(ref reader);
            else
                reader.Skip();
        }

        return facts;
    }

    public readonly MonitoringAlert ToAlert(Guid id, long sequence, DateTimeOffset at) => new(id, sequence, at, Day, Kind, Statistic, Value, PValue, Current, Previous);

    private void ReadData(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "provider": Provider = reader.GetString()!; break;
                case "model": Model = reader.GetString()!; break;
                case "outcome": Outcome = reader.GetString(); break;
                case "reason": Reason = reader.GetString(); break;
                case "flags": ReadFlags(ref reader); break;
                case "confidence": Confidence = reader.GetDouble(); break;
                case "grounding": Grounding = reader.GetDouble(); break;
                case "first_token_ms": FirstTokenMs = reader.GetInt64(); break;
                case "duration_ms": DurationMs = reader.GetInt64(); break;
                case "prompt_tokens": PromptTokens = reader.GetInt64(); break;
                case "completion_tokens": CompletionTokens = reader.GetInt64(); break;
                case "day": Day = DateOnly.ParseExact(reader.GetString()!, "yyyy-MM-dd"); break;
                case "kind": Kind = reader.GetString()!; break;
                case "statistic": Statistic = reader.GetString()!; break;
                case "value": Value = reader.GetDouble(); break;
                case "p_value": PValue = reader.GetDouble(); break;
                case "current": Current = reader.GetDouble(); break;
                case "previous": Previous = reader.GetDouble(); break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadFlags(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("Flags are an array.");
        Flags = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            Flags.Add(reader.GetString()!);
    }
}
