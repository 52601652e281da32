using LexCustis.OpenApi;
using Microsoft.AspNetCore.Routing;

namespace LexCustis.Tests.Harness;

/// <summary>What the product's own routing table says: nothing else can tell that a table of routes in a test has forgotten one.</summary>
/// <param name="Routes"><c>METHOD /template</c>, in alphabetical order.</param>
/// <param name="Document">The OpenAPI document of these routes; empty when there are <paramref name="Gaps"/>.</param>
internal sealed record MappedRoutes(string[] Routes, string Document, string Gaps)
{
    private static readonly Lock Once = new();
    private static Task<MappedRoutes>? reading;

    /// <summary>The program runs in this process to be asked; once is enough for all tests.</summary>
    public static Task<MappedRoutes> ReadAsync(TestDatabase database)
    {
        lock (Once)
            return reading ??= RunningProduct.AskAsync(LexCustisServer.DefaultEnvironment(database), Read);
    }

    private static MappedRoutes Read(IServiceProvider product, IReadOnlyList<RouteEndpoint> routes)
    {
        string[] names = [.. routes.SelectMany(static route => DocumentBuilder.MethodsOf(route).Select(method => $"{method} /{route.RoutePattern.RawText!.Trim('/')}")).Order(StringComparer.Ordinal)];
        try
        {
            return new MappedRoutes(names, DocumentBuilder.Build(product, routes), "");
        }
        catch (GapsException gaps)
        {
            return new MappedRoutes(names, "", gaps.Message);
        }
    }
}
