using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LexCustis.OpenApi;

/// <summary>Makes the OpenAPI 3.1 document of the routes that a running product maps (docs/openapi.md says what comes from where).</summary>
internal sealed class DocumentBuilder
{
    private static readonly string[] AllRoles = [Roles.Admin, Roles.Compliance, Roles.Member, Roles.Auditor];

    private readonly CodeDocumentation documentation = CodeDocumentation.Read();
    private readonly IAuthorizationPolicyProvider policies;
    private readonly SchemaSet schemas;
    private readonly List<string> gaps = [];

    private DocumentBuilder(IServiceProvider product)
    {
        policies = product.GetRequiredService<IAuthorizationPolicyProvider>();
        schemas = new SchemaSet(product.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions, documentation);
    }

    /// <returns>The document as it is kept and served: UTF-8 text, always in the same order.</returns>
    /// <exception cref="GapsException">Routes say too little of themselves.</exception>
    public static string Build(IServiceProvider product, IReadOnlyList<RouteEndpoint> routes)
    {
        var builder = new DocumentBuilder(product);
        var document = builder.Document(routes);
        if (builder.gaps.Count > 0)
            throw new GapsException(builder.gaps);
        return document.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary><c>/api/users/{id}</c>: a route's template without constraints.</summary>
    public static string PathOf(RouteEndpoint route) =>
        "/" + string.Join('/', route.RoutePattern.PathSegments.Select(static segment => string.Concat(segment.Parts.Select(static part =>
            part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter ? $"{{{parameter.Name}}}" : ((Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart)part).Content))));

    public static IEnumerable<string> MethodsOf(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];

    private JsonObject Document(IReadOnlyList<RouteEndpoint> routes)
    {
        var paths = new JsonObject();
        var operationIds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in routes.GroupBy(PathOf, StringComparer.Ordinal).OrderBy(static path => path.Key, StringComparer.Ordinal))
        {
            var operations = new JsonObject();
            foreach (var (method, route) in path.SelectMany(static route => MethodsOf(route).Select(method => (method, route))).OrderBy(static one => one.method, StringComparer.Ordinal))
            {
                var operation = Operation($"{method} {path.Key}", route, path.Key);
                if (!operationIds.Add((string)operation["operationId"]!))
                    gaps.Add($"{method} {path.Key}: another route is called {operation["operationId"]} as well; a slice's class names its route");
                operations.Add(method.ToLowerInvariant(), operation);
            }

            paths.Add(path.Key, operations);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "LexCustis",
                ["version"] = Product.Version,
                ["description"] = SharedParts.Introduction,
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = paths,
            ["components"] = SharedParts.Components(schemas.Components()),
        };
    }

    private JsonObject Operation(string name, RouteEndpoint route, string path)
    {
        if (route.Metadata.GetMetadata<MethodInfo>() is not { } handler)
            throw new InvalidOperationException($"{name}: ASP.NET Core keeps no handler for it.");

        var roles = RolesOf(route);
        var words = documentation.Summary(handler);
        if (words is null)
            gaps.Add($"{name}: its slice's class (or handler) has no <summary>, which says here what the route does");
        var (summary, more) = SplitFirstSentence(words ?? "");
        var operation = new JsonObject
        {
            ["operationId"] = OperationId(handler),
            ["summary"] = summary,
            ["description"] = $"{more}\n\n{(roles is null ? "Anyone may call it." : $"Roles: {string.Join(", ", roles)}.")}".Trim(),
        };
        if (route.Metadata.GetMetadata<ITagsMetadata>()?.Tags is { Count: > 0 } tags)
            operation["tags"] = new JsonArray([.. tags.Select(static tag => JsonValue.Create(tag))]);
        if (roles is not null)
            operation["x-roles"] = new JsonArray([.. roles.Select(static role => JsonValue.Create(role))]);
        operation["security"] = roles is null ? [] : new JsonArray(new JsonObject { ["session"] = new JsonArray() }, new JsonObject { ["api_key"] = new JsonArray() });

        var parameters = new JsonArray([.. Parameters(name, route, handler)]);
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (Body(name, route) is { } body)
            operation["requestBody"] = body;
        operation["responses"] = Responses(name, route, handler, roles, hasBody: operation.ContainsKey("requestBody"), path);
        return operation;
    }

    /// <summary>The slice's name, in the manner of JavaScript; a class with several handlers has each called by its own.</summary>
    private static string OperationId(MethodInfo handler)
    {
        var name = handler.Name == "Handle" ? handler.DeclaringType!.Name : handler.Name;
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static (string First, string More) SplitFirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? (text.TrimEnd('.'), "") : (text[..end], text[(end + 2)..]);
    }

    /// <returns>Null for a route that asks no one who they are.</returns>
    private string[]? RolesOf(RouteEndpoint route)
    {
        var wanted = route.Metadata.GetOrderedMetadata<IAuthorizeData>();
        if (wanted.Count == 0)
            return null;

        var requirements = wanted.Where(static one => one.Policy is not null)
            .SelectMany(one => policies.GetPolicyAsync(one.Policy!).GetAwaiter().GetResult()!.Requirements)
            .OfType<ClaimsAuthorizationRequirement>().Where(static requirement => requirement.ClaimType == TenantContext.RoleClaim);
        return [.. AllRoles.Where(role => requirements.All(requirement => requirement.AllowedValues!.Contains(role)))];
    }

    private IEnumerable<JsonNode> Parameters(string name, RouteEndpoint route, MethodInfo handler)
    {
        foreach (var parameter in route.RoutePattern.Parameters)
        {
            var kind = parameter.ParameterPolicies is [var policy, ..] ? policy.Content : null;
            yield return Parameter("path", parameter.Name, new JsonObject { ["type"] = kind == "int" ? "integer" : "string" }.With("format", kind == "guid" ? "uuid" : null), required: true, null);
        }

        foreach (var header in route.Metadata.GetOrderedMetadata<HeaderParameter>())
            yield return Parameter("header", header.Name, new JsonObject { ["type"] = "string" }, required: false, header.Description);

        foreach (var parameter in handler.GetParameters().Where(parameter => route.RoutePattern.GetParameter(parameter.Name!) is null))
        {
            if (parameter.GetCustomAttribute<AsParametersAttribute>() is not null)
            {
                foreach (var property in parameter.ParameterType.GetProperties().Where(static property => property.GetCustomAttribute<FromQueryAttribute>() is not null))
                    yield return Query(name, property.GetCustomAttribute<FromQueryAttribute>()!.Name!, property.PropertyType, property.GetCustomAttributes(), documentation.Summary(property));
            }
            else if (IsSimple(parameter.ParameterType))
            {
                yield return Query(name, parameter.GetCustomAttribute<FromQueryAttribute>()?.Name ?? parameter.Name!, parameter.ParameterType, parameter.GetCustomAttributes(), documentation.Summary(parameter));
            }
        }
    }

    private static bool IsSimple(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(string) || plain == typeof(Guid) || plain.IsPrimitive);

    private JsonObject Query(string route, string name, Type type, IEnumerable<Attribute> attributes, string? comment)
    {
        if (SharedParts.Parameters.ContainsKey(name) && comment is null)
            return new JsonObject { ["$ref"] = $"#/components/parameters/{name}" };

        var schema = new JsonObject
        {
            ["type"] = (Nullable.GetUnderlyingType(type) ?? type) switch { var plain when plain == typeof(bool) => "boolean", { IsPrimitive: true } => "integer", _ => "string" },
        };
        var all = attributes.ToArray();
        foreach (var attribute in all)
            SchemaSet.Constrain(schema, attribute);
        comment ??= all.OfType<DescriptionAttribute>().FirstOrDefault()?.Description;
        if (comment is null)
            gaps.Add($"{route}: the query's '{name}' has neither a comment nor a [Description]");
        return Parameter("query", name, schema, required: false, comment);
    }

    private static JsonObject Parameter(string place, string name, JsonObject schema, bool required, string? description) =>
        new JsonObject { ["name"] = name, ["in"] = place }.With("description", description).With("required", required).With("schema", schema);

    private JsonObject? Body(string name, RouteEndpoint route)
    {
        if (route.Metadata.GetMetadata<FileBody>() is { } file)
        {
            return Content("multipart/form-data", new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["file"] = new JsonObject { ["type"] = "string", ["format"] = "binary", ["description"] = file.Description } },
                ["required"] = new JsonArray("file"),
            });
        }

        if (route.Metadata.GetMetadata<IAcceptsMetadata>() is not { RequestType: { } type } accepts)
            return null;
        if (type == typeof(JsonElement))
            gaps.Add($"{name}: its body is any JSON to the handler; say what it takes with .Accepts<T>(\"application/json\")");
        return Content(accepts.ContentTypes[0], schemas.Of(type));

        static JsonObject Content(string contentType, JsonNode schema) =>
            new() { ["required"] = true, ["content"] = new JsonObject { [contentType] = new JsonObject { ["schema"] = schema } } };
    }

    private JsonObject Responses(string name, RouteEndpoint route, MethodInfo handler, string[]? roles, bool hasBody, string path)
    {
        // Programs written for OpenAI's API get every error in OpenAI's form.
        var isOpenAi = path.StartsWith(OpenAiError.Path + "/", StringComparison.Ordinal);
        var answers = new Answers(isOpenAi ? schemas.Of(typeof(OpenAiError)) : null);
        foreach (var produced in route.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>())
        {
            if (produced.Type == typeof(HttpValidationProblemDetails))
                answers.Add(produced.StatusCode);
            else if (produced.Type is null || produced.Type == typeof(void))
                answers.Add(produced.StatusCode, SharedParts.Success(produced.StatusCode));
            else
                answers.Add(produced.StatusCode, (produced.StatusCode < 300 ? documentation.Summary(produced.Type) : null) ?? SharedParts.Success(produced.StatusCode), produced.ContentTypes.FirstOrDefault() ?? "application/json", schemas.Of(produced.Type));
        }

        if (route.Metadata.GetMetadata<EventStreamAnswer>() is { } stream)
        {
            answers.Add(StatusCodes.Status200OK, SharedParts.EventStream, "text/event-stream",
                stream.Frames.Count == 1 ? schemas.Of(stream.Frames[0]) : schemas.OfOneOf(stream.Name, "The JSON after `data: ` of one server-sent event.", stream.Frames));
        }

        foreach (var contentType in route.Metadata.GetMetadata<FileAnswer>()?.ContentTypes ?? [])
        {
            var isText = contentType.StartsWith("text/", StringComparison.Ordinal) || contentType.Contains("json", StringComparison.Ordinal);
            answers.Add(StatusCodes.Status200OK, "The file.", contentType, new JsonObject { ["type"] = "string" }.With("format", isText ? null : "binary"));
        }

        if (!answers.HaveSuccess)
            gaps.Add($"{name}: nothing says what it answers when all is well; add .Produces<T>(), .AnswersEvents(…) or .AnswersFile(…)");

        var own = route.Metadata.GetOrderedMetadata<ProblemAnswer>();
        var hasId = route.RoutePattern.Parameters.Count > 0;
        if (own.Count == 0 && !hasId && handler.ReturnType.ToString().Contains(nameof(ProblemHttpResult), StringComparison.Ordinal))
            gaps.Add($"{name}: its handler returns problems of its own; say which with .Answers(status, \"When that happens.\")");
        foreach (var problem in own)
        {
            answers.AddProblem(problem.Status, problem.When,
                problem.Members is { } members ? new JsonObject { ["allOf"] = new JsonArray(SharedParts.Problem(), schemas.Of(members)) } : SharedParts.Problem());
        }

        if (roles is not null)
            answers.Add(StatusCodes.Status401Unauthorized);
        if (roles is not null && roles.Length < AllRoles.Length)
            answers.Add(StatusCodes.Status403Forbidden);
        if (hasId)
            answers.Add(StatusCodes.Status404NotFound);
        if (hasBody)
        {
            answers.Add(StatusCodes.Status400BadRequest);
            answers.Add(StatusCodes.Status413PayloadTooLarge);
            answers.Add(StatusCodes.Status415UnsupportedMediaType);
        }

        if (isOpenAi || path.StartsWith("/api/", StringComparison.Ordinal))
        {
            answers.Add(StatusCodes.Status500InternalServerError);
            answers.Add(StatusCodes.Status503ServiceUnavailable);
        }

        return answers.ToJson();
    }

    /// <summary>Answers by status; several causes of one status are one answer that names them all.</summary>
    /// <param name="openAiError">The schema of every error, where it is no problem+json.</param>
    private sealed class Answers(JsonNode? openAiError)
    {
        private readonly SortedDictionary<int, (List<string> When, SortedDictionary<string, JsonNode> Content, bool OnlyShared)> byStatus = [];

        public bool HaveSuccess => byStatus.Keys.Any(static status => status < 300);

        /// <summary>One that routes share.</summary>
        public void Add(int status)
        {
            var (name, when) = SharedParts.Problems[status];
            var known = byStatus.TryGetValue(status, out var answer);
            if (known && answer.When.Contains(when))
                return;
            AddProblem(status, when, name == "Invalid" ? SharedParts.ValidationProblem() : SharedParts.Problem(), onlyShared: !known);
        }

        public void AddProblem(int status, string when, JsonNode schema, bool onlyShared = false)
        {
            if (openAiError is null)
                Add(status, when, "application/problem+json", schema, onlyShared);
            else
                Add(status, when, "application/json", openAiError.DeepClone());
        }

        public void Add(int status, string when, string? contentType = null, JsonNode? schema = null, bool onlyShared = false)
        {
            if (!byStatus.TryGetValue(status, out var answer))
                answer = ([], new SortedDictionary<string, JsonNode>(StringComparer.Ordinal), onlyShared);
            if (!answer.When.Contains(when))
                answer.When.Add(when);
            if (contentType is not null)
                answer.Content.TryAdd(contentType, schema!);
            byStatus[status] = answer with { OnlyShared = answer.OnlyShared && onlyShared };
        }

        public JsonObject ToJson() => new(byStatus.Select(static one => KeyValuePair.Create(one.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)Describe(one.Key, one.Value))));

        private static JsonObject Describe(int status, (List<string> When, SortedDictionary<string, JsonNode> Content, bool OnlyShared) answer)
        {
            if (answer.OnlyShared)
                return new JsonObject { ["$ref"] = $"#/components/responses/{SharedParts.Problems[status].Name}" };

            var described = new JsonObject { ["description"] = string.Join(" Or: ", answer.When) };
            if (status is StatusCodes.Status429TooManyRequests)
                described["headers"] = new JsonObject { ["Retry-After"] = new JsonObject { ["$ref"] = "#/components/headers/Retry-After" } };
            if (answer.Content.Count > 0)
                described["content"] = new JsonObject(answer.Content.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)new JsonObject { ["schema"] = one.Value })));
            return described;
        }
    }
}

/// <summary>Routes that say too little for a complete document.</summary>
internal sealed class GapsException(IReadOnlyList<string> gaps) : Exception($"The OpenAPI document would have gaps (docs/openapi.md):\n  {string.Join("\n  ", gaps)}");

internal static class JsonObjects
{
    /// <summary>Adds a member, unless there is no value for it.</summary>
    public static JsonObject With(this JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
            json[name] = value;
        return json;
    }
}
