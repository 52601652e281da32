namespace LexCustis.Infrastructure.Web;

/// <summary>
/// What a route says of itself in the OpenAPI document beyond what its handler tells by its signature and comments (docs/openapi.md). Routes
/// work the same without; <c>scripts/openapi</c> says what it misses.
/// </summary>
internal static class RouteDescriptions
{
    /// <summary>A problem that the route answers with by itself; those that every route shares are known.</summary>
    /// <param name="when">A sentence.</param>
    public static TBuilder Answers<TBuilder>(this TBuilder route, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ProblemAnswer(status, when, null));

    /// <summary>The same, with members of its own beside those that every problem has.</summary>
    /// <typeparam name="T">A record of these members alone.</typeparam>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, int status, string when) => route.WithMetadata(new ProblemAnswer(status, when, typeof(T)));

    /// <summary>A stream of server-sent events, each of one JSON object, ended by <c>[DONE]</c>.</summary>
    /// <param name="name">Of the schema that joins the frames.</param>
    /// <param name="frames">Records; with more than one, a member <c>type</c> of one allowed value tells them apart.</param>
    public static TBuilder AnswersEvents<TBuilder>(this TBuilder route, string name, params Type[] frames) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new EventStreamAnswer(name, frames));

    /// <summary>A file or text, not JSON.</summary>
    public static TBuilder AnswersFile<TBuilder>(this TBuilder route, params string[] contentTypes) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new FileAnswer(contentTypes));

    /// <summary>A file in the part <c>file</c> of a <c>multipart/form-data</c> body.</summary>
    public static TBuilder TakesFile<TBuilder>(this TBuilder route, string description) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new FileBody(description));

    public static TBuilder TakesHeader<TBuilder>(this TBuilder route, string name, string description) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new HeaderParameter(name, description));
}

internal sealed record ProblemAnswer(int Status, string When, Type? Members);

internal sealed record EventStreamAnswer(string Name, IReadOnlyList<Type> Frames);

internal sealed record FileAnswer(IReadOnlyList<string> ContentTypes);

internal sealed record FileBody(string Description);

internal sealed record HeaderParameter(string Name, string Description);

/// <summary>What a member that is any JSON to the code really holds: names of JSON Schema's types.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class JsonKindAttribute(params string[] kinds) : Attribute
{
    public IReadOnlyList<string> Kinds { get; } = kinds;
}
