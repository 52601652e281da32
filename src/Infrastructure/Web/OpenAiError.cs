using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Infrastructure.Web;

/// <summary>An error as OpenAI's API tells it: under <c>/v1</c>, clients expect every member of it and read nothing else.</summary>
internal sealed record OpenAiError(OpenAiErrorDetail Error)
{
    /// <summary>Where programs written for OpenAI's API knock.</summary>
    public static readonly PathString Path = "/v1";

    public static OpenAiError Of(string message, string type, string? parameter = null, string? code = null) => new(new OpenAiErrorDetail(message, type, parameter, code));

    public static JsonHttpResult<OpenAiError> Result(int status, string message, string type, string? parameter = null, string? code = null) =>
        TypedResults.Json(Of(message, type, parameter, code), OpenAiErrorJson.Default.OpenAiError, statusCode: status);

    /// <summary>The same error in OpenAI's words; of several wrong fields the first is <c>param</c>, and all are in the message.</summary>
    public static JsonHttpResult<OpenAiError> From(IResult problem) => problem switch
    {
        ValidationProblem { ProblemDetails.Errors: var errors } => Result(StatusCodes.Status400BadRequest,
            string.Join(' ', errors.Select(static field => $"{field.Key}: {string.Join(' ', field.Value)}")), "invalid_request_error", errors.Keys.FirstOrDefault()),
        ProblemHttpResult { ProblemDetails: var details } => Result(details.Status ?? StatusCodes.Status500InternalServerError, details.Detail ?? details.Title ?? "", TypeOf(details.Status),
            code: details.Status == StatusCodes.Status401Unauthorized ? "invalid_api_key" : null),
        _ => throw new ArgumentException("An error is a problem.", nameof(problem)),
    };

    private static string TypeOf(int? status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        >= 500 or null => "server_error",
        _ => "invalid_request_error",
    };
}

internal sealed record OpenAiErrorDetail(
    string Message, string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenAiError))]
internal sealed partial class OpenAiErrorJson : JsonSerializerContext;
