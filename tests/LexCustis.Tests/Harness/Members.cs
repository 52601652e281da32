using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>The shape of an answer.</summary>
internal static class Members
{
    /// <summary>The names of an object's members, in alphabetical order.</summary>
    public static string[] SortedNames(this JsonElement element) => [.. element.EnumerateObject().Select(static member => member.Name).Order(StringComparer.Ordinal)];

    /// <summary>The fields that a 400 names, in alphabetical order.</summary>
    public static string[] WrongFields(this Answer answer) => answer.MediaType == "application/json" && (int)answer.Status == 400
        ? [answer.Json.GetProperty("error").GetProperty("param").GetString()!] // OpenAI's form names one
        : answer.Problem(400).GetProperty("errors").SortedNames();

    /// <summary>The log's entries of one type, oldest first.</summary>
    public static async Task<List<JsonElement>> ReadLogOfAsync(this Api auditor, string type) => await auditor.ReadLogAsync($"&event_type={type}");
}
