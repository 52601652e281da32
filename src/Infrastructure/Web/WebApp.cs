using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LexCustis.Infrastructure.Web;

/// <summary>One file of the web app, as <c>web/scripts/pack.mjs</c> describes it.</summary>
/// <param name="Path">The address, e.g. <c>/chat</c>.</param>
/// <param name="File">Relative to the folder <c>web</c>, e.g. <c>chat.html</c>.</param>
/// <param name="Etag">Of the uncompressed content, without quotes.</param>
/// <param name="Immutable">The name has a hash of the content in it.</param>
/// <param name="Encodings">Compressed copies beside it, best first: <c>br</c>, <c>gz</c>.</param>
/// <param name="Scripts">Of a page: CSP sources of the scripts that stand in it; null for what is no page.</param>
internal sealed record WebAsset(string Path, string File, string Type, string Etag, bool Immutable, IReadOnlyList<string> Encodings, IReadOnlyList<string>? Scripts);

/// <summary>
/// Serves the web app: the static export in the folder <c>web</c> beside the binary, made by <c>scripts/build</c>. Only addresses that its
/// list names are served, so no path of a request ever becomes a path on disk.
/// </summary>
internal sealed class WebApp
{
    private const string NotFoundPath = "/404";
    private const string ListName = "assets.json";

    // What an answer to a program looks like, page or not.
    private static readonly string[] Programs = ["/api", "/v1", "/openapi", "/healthz", "/readyz"];

    private readonly string folder;
    private readonly FrozenDictionary<string, WebAsset> assets;

    private WebApp(string folder, IEnumerable<WebAsset> assets) =>
        (this.folder, this.assets) = (folder, assets.ToFrozenDictionary(static asset => asset.Path, StringComparer.Ordinal));

    /// <returns>An app without pages when it was not built.</returns>
    /// <exception cref="InvalidDataException">The list cannot be read.</exception>
    public static WebApp Read(string folder)
    {
        var list = Path.Combine(folder, ListName);
        if (!File.Exists(list))
            return new WebApp(folder, []);

        try
        {
            return new WebApp(folder, JsonSerializer.Deserialize(File.ReadAllBytes(list), WebAppJson.Default.ListWebAsset) ?? []);
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"{list} is not what scripts/build writes: build the web app anew.", malformed);
        }
    }

    /// <returns>False when the request is for someone else.</returns>
    public async Task<bool> TryServeAsync(HttpContext http)
    {
        var request = http.Request;
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (assets.TryGetValue(request.Path.Value ?? "", out var asset))
        {
            if (reads)
            {
                await ServeAsync(http, asset, StatusCodes.Status200OK);
                return true;
            }

            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD";
            return true;
        }

        if (!reads || Programs.Any(prefix => request.Path.StartsWithSegments(prefix, StringComparison.Ordinal)))
            return false;
        if (assets.Count == 0 && request.Path == "/")
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync("LexCustis is running; its web app was not built. Build it with: make build\nThe API is below /api.\n", http.RequestAborted);
            return true;
        }

        // A person who mistyped gets a page; a program, or a page's missing part, gets a problem.
        if (!request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) || !assets.TryGetValue(NotFoundPath, out var missing))
            return false;
        await ServeAsync(http, missing, StatusCodes.Status404NotFound);
        return true;
    }

    private async Task ServeAsync(HttpContext http, WebAsset asset, int status)
    {
        var (response, headers) = (http.Response, http.Response.Headers);
        var encoding = ChooseEncoding(asset, http.Request.Headers.AcceptEncoding);
        // Each form of a file has a tag of its own: they differ byte by byte (RFC 9110, 8.8.3.3).
        var tag = encoding is null ? $"\"{asset.Etag}\"" : $"\"{asset.Etag}-{encoding}\"";
        headers.ETag = tag;
        headers.CacheControl = asset.Immutable ? "public, max-age=31536000, immutable" : "no-cache";
        if (asset.Encodings.Count > 0)
            headers.Vary = HeaderNames.AcceptEncoding;
        if (asset.Scripts is { } scripts)
        {
            headers.ContentSecurityPolicy = ContentSecurityPolicy(scripts);
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        }

        if (status == StatusCodes.Status200OK && Matches(http.Request.Headers.IfNoneMatch, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var file = new FileInfo(Path.Combine(folder, encoding is null ? asset.File : $"{asset.File}.{encoding}"));
        if (!file.Exists)
        {
            // A build has replaced the folder meanwhile: this process knows the old one.
            headers.CacheControl = "no-store";
            headers.Remove(HeaderNames.ETag);
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.StatusCode = status;
        response.ContentType = asset.Type;
        response.ContentLength = file.Length;
        if (encoding is not null)
            headers.ContentEncoding = encoding == "gz" ? "gzip" : encoding;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.SendFileAsync(file.FullName, 0, file.Length, http.RequestAborted);
    }

    /// <summary>Nothing from elsewhere, nothing inline but what the build put there, and no frame around it.</summary>
    private static string ContentSecurityPolicy(IReadOnlyList<string> scripts) =>
        $"default-src 'none'; script-src 'self' {string.Join(' ', scripts)}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>The best copy that the client takes: <c>*</c> and weights are understood as far as "not at all" (RFC 9110, 12.5.3).</summary>
    private static string? ChooseEncoding(WebAsset asset, StringValues accepted)
    {
        if (asset.Encodings.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accepted, out var choices))
            return null;

        return asset.Encodings.FirstOrDefault(encoding =>
        {
            var name = encoding == "gz" ? "gzip" : encoding;
            var choice = choices.FirstOrDefault(choice => choice.Value.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? choices.FirstOrDefault(static choice => choice.Value == "*");
            return choice is not null && choice.Quality is null or > 0;
        });
    }

    private static bool Matches(StringValues ifNoneMatch, string tag) =>
        ifNoneMatch.Count > 0 && EntityTagHeaderValue.TryParseList(ifNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || string.Equals(one.Tag.Value, tag, StringComparison.Ordinal));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<WebAsset>))]
internal sealed partial class WebAppJson : JsonSerializerContext;

internal static class WebAppMiddleware
{
    /// <summary>Answers what no endpoint does; behind routing, so that the API's addresses stay the API's.</summary>
    /// <param name="folder">By default <c>web</c> beside the binary.</param>
    public static void UseWebApp(this WebApplication app, string? folder = null)
    {
        var web = WebApp.Read(folder ?? Path.Combine(AppContext.BaseDirectory, "web"));
        app.Use(async (http, next) =>
        {
            if (http.GetEndpoint() is not null || !await web.TryServeAsync(http))
                await next(http);
        });
    }
}
