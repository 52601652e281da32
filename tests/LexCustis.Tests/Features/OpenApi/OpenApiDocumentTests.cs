using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.OpenApi;

public sealed class OpenApiDocumentTests(SharedServer shared)
{
    [Fact]
    public async Task The_document_is_what_the_routes_say_of_themselves()
    {
        var anyone = new Api(shared.Server.Http, null);
        var served = await anyone.GetAsync("/openapi/v1.json");
        var product = await MappedRoutes.ReadAsync(shared.Server.Database);
        Assert.True(product.Gaps.Length == 0, product.Gaps);
        Assert.True(served.Text == product.Document, $"src/openapi.json is stale: run scripts/openapi and commit what it writes.\n{FirstDifference(served.Text, product.Document)}");
    }

    [Fact]
    public async Task Every_route_is_in_it_and_nothing_else()
    {
        var mapped = (await MappedRoutes.ReadAsync(shared.Server.Database)).Routes;
        Assert.Equal(mapped.Select(static route => WithoutConstraints(route)), Contract.Routes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Anyone_gets_it_and_learns_when_it_has_not_changed()
    {
        using var first = await shared.Server.Http.GetAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-cache", first.Headers.CacheControl?.ToString());
        Assert.False(first.Headers.ETag!.IsWeak);

        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag);
        using var unchanged = await shared.Server.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync());

        using var other = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"another\""));
        using var changed = await shared.Server.Http.SendAsync(other);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task It_names_the_roles_that_the_routes_admit()
    {
        var document = (await new Api(shared.Server.Http, null).GetAsync("/openapi/v1.json")).Json;
        var wrong = new List<string>();
        foreach (var route in Attacks.KnownRoute.Table)
        {
            var operation = document.GetProperty("paths").GetProperty(WithoutConstraints(route.Template)).GetProperty(route.Method.ToLowerInvariant());
            string[]? roles = operation.TryGetProperty("x-roles", out var named) ? [.. named.EnumerateArray().Select(static role => role.GetString()!)] : null;
            if (!(route.Allowed is null ? roles is null : roles is not null && route.Allowed.Order(StringComparer.Ordinal).SequenceEqual(roles.Order(StringComparer.Ordinal))))
                wrong.Add($"{route.Method} {route.Template}: the document says {(roles is null ? "anyone" : string.Join(", ", roles))}");
        }

        Assert.Empty(wrong);
    }

    /// <summary><c>/api/users/{id:guid}</c> is <c>/api/users/{id}</c> in the document.</summary>
    private static string WithoutConstraints(string template) => Regex.Replace(template, ":[a-z]+}", "}");

    private static string FirstDifference(string committed, string made)
    {
        var (old, now) = (committed.Split('\n'), made.Split('\n'));
        var line = Enumerable.Range(0, Math.Min(old.Length, now.Length)).FirstOrDefault(index => old[index] != now[index], Math.Min(old.Length, now.Length));
        return $"line {line + 1}: has {old.ElementAtOrDefault(line)?.Trim() ?? "(its end)"}, should have {now.ElementAtOrDefault(line)?.Trim() ?? "(its end)"}";
    }
}
