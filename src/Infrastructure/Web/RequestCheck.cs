using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Infrastructure.Web;

/// <summary>Gathers what is wrong with a request, field by field, so that the answer names all of it at once.</summary>
internal sealed class RequestCheck
{
    private readonly Dictionary<string, string[]> errors = new(StringComparer.Ordinal);

    public bool Failed => errors.Count > 0;

    /// <param name="want">What the field should be; a sentence.</param>
    public RequestCheck Require(bool holds, string field, string want)
    {
        if (!holds)
            errors[field] = errors.TryGetValue(field, out var others) ? [.. others, want] : [want];
        return this;
    }

    /// <summary>Text that must be there, of a length within bounds once trimmed.</summary>
    public RequestCheck RequireText(string? value, string field, int maximum, int minimum = 1) =>
        Require(value is not null && value.Trim().Length >= minimum && value.Length <= maximum, field, $"Use between {minimum} and {maximum} characters.");

    public ValidationProblem Problem() => TypedResults.ValidationProblem(errors, "The fields named in errors need another value.", title: "The request is not valid");
}
