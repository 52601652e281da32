using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using LexCustis.Infrastructure.Web;

namespace LexCustis.OpenApi;

/// <summary>
/// JSON schemas of the types that the product reads and writes, made from the same source-generated metadata as the product's own JSON.
/// Each object type stands once below <c>components/schemas</c>, by its C# name, and is referred to from elsewhere.
/// </summary>
internal sealed class SchemaSet(JsonSerializerOptions json, CodeDocumentation documentation)
{
    private readonly SortedDictionary<string, (Type Type, JsonNode Schema)> components = new(StringComparer.Ordinal);

    public JsonObject Components() => new(components.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value.Schema)));

    public JsonNode Of(Type type)
    {
        var info = json.GetTypeInfo(type);
        return info.Kind == JsonTypeInfoKind.Object ? Refer(type) : Export(info);
    }

    /// <summary>A choice between object types, under a name of its own, told apart by the one value of <c>type</c>.</summary>
    public JsonNode OfOneOf(string name, string description, IEnumerable<Type> choices)
    {
        if (!components.ContainsKey(name))
        {
            var references = choices.Select(Refer).ToArray();
            components.Add(name, (typeof(object), new JsonObject
            {
                ["description"] = description,
                ["oneOf"] = new JsonArray(references),
                ["discriminator"] = new JsonObject
                {
                    ["propertyName"] = "type",
                    ["mapping"] = new JsonObject(references.Select(static reference => (string)reference["$ref"]!).Select(path => KeyValuePair.Create(
                        (string)components[path.Split('/')[^1]].Schema["properties"]!["type"]!["enum"]![0]!, (JsonNode?)path))),
                },
            }));
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private JsonNode Refer(Type type)
    {
        if (!components.TryGetValue(type.Name, out var known))
        {
            components.Add(type.Name, (type, new JsonObject())); // found by a type that contains itself
            components[type.Name] = (type, Export(json.GetTypeInfo(type)));
        }
        else if (known.Type != type)
        {
            throw new InvalidOperationException($"{type} and {known.Type} would both be the schema {type.Name}: give one of them another name.");
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" };
    }

    private JsonNode Export(JsonTypeInfo info) => info.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Shape });

    private JsonObject Shape(JsonSchemaExporterContext context, JsonNode schema)
    {
        var shaped = schema as JsonObject ?? [];
        if (context.TypeInfo.Type == typeof(string))
            shaped = Text(context.PropertyInfo is { IsGetNullable: true });
        if (context.TypeInfo is { Kind: JsonTypeInfoKind.Enumerable } list && list.ElementType == typeof(string))
            shaped["items"] = Text(orNull: false);
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            if (context.Path.IsEmpty)
                return ShapeObject(context.TypeInfo, shaped);
            shaped = AcceptsNull(shaped) ? OrNull(Refer(context.TypeInfo.Type)) : Refer(context.TypeInfo.Type).AsObject();
        }

        return context.PropertyInfo is { } property ? ShapeProperty(property, shaped) : shaped;
    }

    private JsonObject ShapeObject(JsonTypeInfo info, JsonObject schema)
    {
        schema["type"] = "object";
        var properties = schema["properties"]?.AsObject() ?? [];
        // The exporter asks nothing about a text that has a default value, and that default is null: no news.
        foreach (var property in info.Properties.Where(property => property.PropertyType == typeof(string) && properties[property.Name]?["type"] is null))
            properties[property.Name] = ShapeProperty(property, Text(property.IsGetNullable));

        // Absent and null mean the same in a request; an answer may leave out what is null. What cannot be null is always there.
        var required = properties.Where(static property => property.Value is JsonObject value && !AcceptsNull(value)).Select(static property => (JsonNode?)property.Key).ToArray();
        schema.Remove("required");
        if (required.Length > 0)
            schema["required"] = new JsonArray(required);
        if (documentation.Summary(info.Type) is { } text)
            schema.Insert(0, "description", text);
        return schema;
    }

    private JsonObject ShapeProperty(JsonPropertyInfo property, JsonObject schema)
    {
        var attributes = AttributesOf(property);
        foreach (var attribute in attributes)
            Constrain(schema, attribute);

        var described = attributes.OfType<DescriptionAttribute>().FirstOrDefault()?.Description
            ?? (property.AttributeProvider is PropertyInfo member ? documentation.Summary(member) : null);
        if (described is not null)
            schema["description"] = described;
        return schema;
    }

    /// <summary>Those of the property, and those of the record's parameter that it comes from.</summary>
    private static Attribute[] AttributesOf(JsonPropertyInfo property) =>
        [.. new[] { property.AttributeProvider, property.AssociatedParameter?.AttributeProvider }.SelectMany(static source => source?.GetCustomAttributes(inherit: true) ?? []).Cast<Attribute>()];

    /// <summary>The attributes of <c>System.ComponentModel.DataAnnotations</c>, as others read them too, and <see cref="JsonKindAttribute"/>.</summary>
    public static void Constrain(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RequiredAttribute when schema["type"] is JsonArray types:
                schema["type"] = types.First(static type => (string?)type != "null")!.DeepClone();
                break;
            case RequiredAttribute when schema["anyOf"] is JsonArray choices:
                schema["$ref"] = choices[0]!["$ref"]!.DeepClone();
                schema.Remove("anyOf");
                break;
            case AllowedValuesAttribute when schema["items"] is JsonObject items: // of a list, each value
                Constrain(items, attribute);
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(static value => JsonValue.Create((string?)value)), .. AcceptsNull(schema) ? new JsonNode?[] { null } : []]);
                break;
            case StringLengthAttribute length:
                if (length.MinimumLength > 0)
                    schema["minLength"] = length.MinimumLength;
                schema["maxLength"] = length.MaximumLength;
                break;
            case RangeAttribute range:
                schema["minimum"] = Convert.ToDecimal(range.Minimum, System.Globalization.CultureInfo.InvariantCulture);
                schema["maximum"] = Convert.ToDecimal(range.Maximum, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case JsonKindAttribute kind:
                schema["type"] = kind.Kinds.Count == 1 ? kind.Kinds[0] : new JsonArray([.. kind.Kinds.Select(static one => JsonValue.Create(one))]);
                if (kind.Kinds.Contains("object"))
                    schema["additionalProperties"] = new JsonObject();
                break;
        }
    }

    private static bool AcceptsNull(JsonObject schema) =>
        (schema["type"] is JsonArray types && types.Any(static type => (string?)type == "null")) || (schema["anyOf"] is JsonArray choices && choices.Any(static one => (string?)one!["type"] == "null"));

    /// <summary>The product reads texts by a converter of its own (<see cref="StorableText"/>), of which the exporter knows nothing.</summary>
    private static JsonObject Text(bool orNull) => new() { ["type"] = orNull ? new JsonArray("string", "null") : "string" };

    private static JsonObject OrNull(JsonNode schema) => new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
}
