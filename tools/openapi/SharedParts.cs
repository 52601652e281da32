using System.Text.Json.Nodes;
using LexCustis.Infrastructure.Web;

namespace LexCustis.OpenApi;

/// <summary>What routes have in common, and no route says of itself.</summary>
internal static class SharedParts
{
    public const string Introduction = """
        A compliance layer around chat with a language model: every turn is checked, recorded in a tamper-evident log, and open to human oversight.

        JSON is snake_case, times are RFC 3339 in UTC, ids are UUIDs, errors are problem+json (RFC 9457). Lists are `{items, next_cursor}`; pass `next_cursor` as `cursor` to read on. Unknown members of a request are ignored; in an answer, a member that may be null may also be absent. Another organization's things are 404.
        """;

    public const string EventStream = "Server-sent events. Each `data: ` line holds one JSON object of this schema; the last holds `[DONE]` instead. Comment lines, which begin with a colon, keep the connection open.";

    /// <summary>Query parameters that mean the same everywhere.</summary>
    public static JsonObject Parameters => new()
    {
        ["cursor"] = new JsonObject
        {
            ["name"] = "cursor",
            ["in"] = "query",
            ["description"] = "The `next_cursor` of the page before; absent for the first page.",
            ["schema"] = new JsonObject { ["type"] = "string" },
        },
        ["limit"] = new JsonObject
        {
            ["name"] = "limit",
            ["in"] = "query",
            ["description"] = "How many items a page may have.",
            ["schema"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = Page.MaximumLimit, ["default"] = Page.DefaultLimit },
        },
    };

    /// <summary>Problems that any route of their kind may answer with.</summary>
    public static IReadOnlyDictionary<int, (string Name, string When)> Problems { get; } = new Dictionary<int, (string, string)>
    {
        [400] = ("Invalid", "The request is not valid: `errors` names each field and says what it should be."),
        [401] = ("Unauthorized", "There is no valid access token or API key."),
        [403] = ("Forbidden", "The caller's role does not allow it."),
        [404] = ("NotFound", "The caller's organization has no such thing."),
        [413] = ("TooLarge", "The body is larger than this address accepts."),
        [415] = ("UnsupportedMediaType", "The body is not of a media type that this address takes."),
        [500] = ("Failed", "The request failed for a reason that is in the server's log."),
        [503] = ("Unavailable", "PostgreSQL cannot be reached; nothing was changed."),
    };

    public static JsonObject Problem() => new() { ["$ref"] = "#/components/schemas/Problem" };

    public static JsonObject ValidationProblem() => new() { ["$ref"] = "#/components/schemas/ValidationProblem" };

    public static string Success(int status) => status switch
    {
        201 => "It was created; `Location` is its address.",
        202 => "It was accepted and goes on in the background.",
        204 => "It is done.",
        304 => "It has not changed since.",
        _ => "The answer.",
    };

    public static JsonObject Components(JsonObject schemas)
    {
        schemas.Add("Problem", ProblemSchema("An error (RFC 9457), in words that help."));
        var validation = ProblemSchema("What is wrong with a request, field by field (RFC 9457).");
        validation["properties"]!["errors"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "By field, as the request names it: what it should be.",
            ["additionalProperties"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
        };
        validation["required"]!.AsArray().Add((JsonNode)"errors");
        schemas.Add("ValidationProblem", validation);
        return new JsonObject
        {
            ["schemas"] = new JsonObject(schemas.OrderBy(static schema => schema.Key, StringComparer.Ordinal).Select(static schema => KeyValuePair.Create(schema.Key, schema.Value?.DeepClone()))),
            ["parameters"] = Parameters,
            ["headers"] = new JsonObject
            {
                ["Retry-After"] = new JsonObject { ["description"] = "Seconds to wait.", ["schema"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1 } },
            },
            ["responses"] = new JsonObject(Problems.Select(static problem => KeyValuePair.Create(problem.Value.Name, (JsonNode?)new JsonObject
            {
                ["description"] = problem.Value.When,
                ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = problem.Key == 400 ? ValidationProblem() : Problem() } },
            }))),
            ["securitySchemes"] = new JsonObject
            {
                ["session"] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["bearerFormat"] = "JWT",
                    ["description"] = "The `access_token` of POST /api/auth/login, good for a quarter of an hour; POST /api/auth/refresh gives the next.",
                },
                ["api_key"] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["bearerFormat"] = "lxc_…",
                    ["description"] = "A key of POST /api/api-keys, for programs. It acts for the person who made it, with the key's own role.",
                },
            },
        };
    }

    private static JsonObject ProblemSchema(string description) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string" },
            ["title"] = new JsonObject { ["type"] = "string" },
            ["status"] = new JsonObject { ["type"] = "integer" },
            ["detail"] = new JsonObject { ["type"] = "string" },
            ["trace_id"] = new JsonObject { ["type"] = "string", ["description"] = "The request's, as telemetry names it." },
        },
        ["required"] = new JsonArray("type", "title", "status", "detail"),
    };
}
