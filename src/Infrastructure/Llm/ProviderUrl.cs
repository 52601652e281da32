using System.Diagnostics.CodeAnalysis;

namespace LexCustis.Infrastructure.Llm;

/// <summary>A provider's base URL as people write it: with or without a last slash, <c>/v1</c>, or the whole endpoint.</summary>
internal static class ProviderUrl
{
    private const string Endpoint = "/chat/completions";

    /// <summary>Turns a base URL into the endpoint to call.</summary>
    /// <param name="problem">What is wrong with it, to follow the setting's name; it never repeats the URL, which may hold a password.</param>
    public static bool TryParse(string? baseUrl, [NotNullWhen(true)] out Uri? endpoint, [NotNullWhen(false)] out string? problem)
    {
        endpoint = null;
        problem = null;
        if (!Uri.TryCreate(baseUrl?.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            problem = "must be an http or https URL";
        else if (url.UserInfo.Length > 0)
            problem = "must not carry a user or password";
        else if (url.Query.Length > 0 || url.Fragment.Length > 0)
            problem = "must not carry a query or fragment";
        if (problem is not null)
            return false;

        var path = url!.AbsolutePath.TrimEnd('/');
        if (path.EndsWith(Endpoint, StringComparison.Ordinal))
            path = path[..^Endpoint.Length];
        // A path of its own is taken at its word, because not every server calls its version v1.
        else if (path.Length == 0)
            path = "/v1";
        endpoint = new Uri(url, path + Endpoint);
        return true;
    }
}
