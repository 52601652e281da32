using System.Text.Json;
using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Web;

/// <summary>
/// Text of a request as everything behind it can hold it: without NUL, which PostgreSQL refuses. Half a surrogate pair and broken UTF-8
/// the reader itself refuses. Either is a 400 that names the field, in every request there is.
/// </summary>
internal sealed class StorableText : JsonConverter<string>
{
    public static bool Holds(string? text) => text is null || !text.Contains('\0', StringComparison.Ordinal);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is var text && Holds(text) ? text : throw new JsonException("A text contains NUL.");

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options)!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
}

/// <summary>The same for a body that is taken as it comes: its texts would be decoded, and fail, only where they are used.</summary>
internal sealed class StorableJson : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = JsonElement.ParseValue(ref reader);
        if (value.ValueKind != JsonValueKind.Object)
        {
            Check(value, "$");
            return value;
        }

        foreach (var member in value.EnumerateObject())
            Check(member.Value, $"$.{NameOf(member)}");
        return value;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => value.WriteTo(writer);

    private static void Check(JsonElement value, string path)
    {
        try
        {
            if (Holds(value))
                return;
        }
        catch (InvalidOperationException undecodable)
        {
            throw new JsonException("A text cannot be decoded.", path, null, null, undecodable);
        }

        throw new JsonException("A text contains NUL.", path, null, null);
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException undecodable)
        {
            throw new JsonException("A member's name cannot be decoded.", "$", null, null, undecodable);
        }
    }

    private static bool Holds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => StorableText.Holds(value.GetString()),
        JsonValueKind.Array => value.EnumerateArray().All(Holds),
        JsonValueKind.Object => value.EnumerateObject().All(static member => StorableText.Holds(member.Name) && Holds(member.Value)),
        _ => true,
    };
}
