using System.Globalization;
using System.Net;
using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>
/// Holds every answer that a test gets against the OpenAPI document: its status and media type have to be listed for the route, and its body
/// has to be what the schema says, without a member more. A route that the document forgets is found by its own tests.
/// </summary>
internal static class Contract
{
    private const string NotDescribed = " is not described";

    private static readonly JsonElement Document = Read();

    private static readonly (string Method, string[] Segments, JsonElement Operation)[] Operations =
    [
        .. Document.GetProperty("paths").EnumerateObject().SelectMany(static path =>
            path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), path.Name.Split('/'), operation.Value))),
    ];

    public static IEnumerable<string> Routes => Operations.Select(static one => $"{one.Method} {string.Join('/', one.Segments)}");

    public static void Check(HttpMethod method, string pathAndQuery, Answer answer)
    {
        var path = pathAndQuery.Split('?')[0];
        if (Find(method.Method, path) is not { } operation)
            return; // no such route: a test asked for just that
        if (answer is { MediaType: null, Text.Length: 0, Status: HttpStatusCode.BadRequest or HttpStatusCode.RequestHeaderFieldsTooLarge })
            return; // the web server's own refusal of what is no HTTP, before any route

        var status = ((int)answer.Status).ToString(CultureInfo.InvariantCulture);
        var fix = "Describe it at the route (docs/openapi.md) and run scripts/openapi.";
        Assert.True(operation.GetProperty("responses").TryGetProperty(status, out var described), $"{method} {path} answered {status}, which src/openapi.json does not list. {fix}\n{answer.Text}");
        if (!Follow(described).TryGetProperty("content", out var content))
        {
            Assert.True(answer.Text.Length == 0, $"{method} {path} answered {status} with a body, which src/openapi.json does not describe. {fix}\n{answer.Text}");
            return;
        }

        Assert.True(content.TryGetProperty(answer.MediaType ?? "", out var media), $"{method} {path} answered {status} as {answer.MediaType}, which src/openapi.json does not list. {fix}");
        if (answer.MediaType is not "application/json" and not "application/problem+json" || path.StartsWith("/openapi/", StringComparison.Ordinal))
            return;
        var wrong = Differences(media.GetProperty("schema"), answer.Json, "$").ToArray();
        Assert.True(wrong.Length == 0, $"{method} {path} answered {status} otherwise than src/openapi.json says. {fix}\n{string.Join('\n', wrong)}\n{answer.Text}");
    }

    /// <summary>One frame of a stream.</summary>
    public static void CheckFrame(string schema, JsonElement frame)
    {
        var wrong = Differences(Document.GetProperty("components").GetProperty("schemas").GetProperty(schema), frame, "$").ToArray();
        Assert.True(wrong.Length == 0, $"A frame is not the {schema} of src/openapi.json:\n{string.Join('\n', wrong)}\n{frame}");
    }

    /// <summary>The route whose template matches, one without parameters first.</summary>
    private static JsonElement? Find(string method, string path)
    {
        var segments = path.TrimEnd('/').Split('/');
        var found = Operations.Where(one => one.Method == method && one.Segments.Length == segments.Length
            && one.Segments.Zip(segments).All(static pair => pair.First.StartsWith('{') || pair.First == pair.Second)).OrderBy(static one => one.Segments.Count(static segment => segment.StartsWith('{'))).ToArray();
        return found.Length == 0 ? null : found[0].Operation;
    }

    /// <summary>As much of JSON Schema as the document uses.</summary>
    private static IEnumerable<string> Differences(JsonElement schema, JsonElement value, string place)
    {
        schema = Follow(schema);
        if (schema.TryGetProperty("allOf", out var parts))
        {
            // A member is fine when one of the parts describes it.
            var perPart = parts.EnumerateArray().Select(part => Differences(part, value, place).ToArray()).ToArray();
            return perPart.SelectMany(static differences => differences).Where(difference => !difference.EndsWith(NotDescribed, StringComparison.Ordinal) || perPart.All(part => part.Contains(difference)));
        }

        if (schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices))
        {
            var perChoice = choices.EnumerateArray().Select(choice => Differences(choice, value, place).ToArray()).ToArray();
            return perChoice.Any(static differences => differences.Length == 0) ? [] : perChoice.MinBy(static differences => differences.Length)!;
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => Is(name, value)))
            return [$"{place} is {value.ValueKind}, not {type}"];
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return [$"{place} is {value}, not one of {allowed}"];
        if (schema.TryGetProperty("format", out var format) && value.ValueKind == JsonValueKind.String && !HasFormat(format.GetString()!, value))
            return [$"{place} is {value}, not a {format}"];
        return value.ValueKind switch
        {
            JsonValueKind.Object when schema.TryGetProperty("properties", out _) || schema.TryGetProperty("additionalProperties", out _) => ObjectDifferences(schema, value, place),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => value.EnumerateArray().SelectMany((one, index) => Differences(items, one, $"{place}[{index}]")),
            _ => [],
        };
    }

    private static IEnumerable<string> ObjectDifferences(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(static name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
                yield return $"{place}.{name} is missing";
        }

        foreach (var member in value.EnumerateObject())
        {
            if ((schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var described)) || schema.TryGetProperty("additionalProperties", out described))
            {
                foreach (var difference in Differences(described, member.Value, $"{place}.{member.Name}"))
                    yield return difference;
            }
            else
            {
                yield return $"{place}.{member.Name}{NotDescribed}";
            }
        }
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static one => one.GetString()!) : [type.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new InvalidOperationException($"The document uses a type '{type}' that this reader does not know."),
    };

    private static bool HasFormat(string format, JsonElement value) => format switch
    {
        "uuid" => value.TryGetGuid(out _),
        "date-time" => value.TryGetDateTimeOffset(out var time) && time.Offset == TimeSpan.Zero,
        "date" => DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out _),
        _ => true,
    };

    private static JsonElement Follow(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
            schema = reference.GetString()!.Split('/').Skip(1).Aggregate(Document, static (place, name) => place.GetProperty(name));
        return schema;
    }

    private static JsonElement Read()
    {
        using var resource = typeof(Product).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonDocument.Parse(resource).RootElement;
    }
}
