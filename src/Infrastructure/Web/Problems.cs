using System.Globalization;
using System.Text.Json;
using LexCustis.Infrastructure.Postgres;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace LexCustis.Infrastructure.Web;

/// <summary>Every error as RFC 9457 problem+json, or as <see cref="OpenAiError"/> where that is expected, in words that help, without stack traces or personal data.</summary>
internal static partial class Problems
{
    public static ProblemHttpResult NotFound(string what) => Make(StatusCodes.Status404NotFound, "Not found", $"There is no such {what} in your organization.");

    public static ProblemHttpResult Conflict(string detail) => Make(StatusCodes.Status409Conflict, "Conflict", detail);

    public static ProblemHttpResult Unauthorized(string detail) => Make(StatusCodes.Status401Unauthorized, "Sign in first", detail);

    public static ProblemHttpResult Forbidden(string detail) => Make(StatusCodes.Status403Forbidden, "Not allowed", detail);

    public static ProblemHttpResult Unavailable(string title, string detail) => Make(StatusCodes.Status503ServiceUnavailable, title, detail);

    /// <summary>429; sets <c>Retry-After</c> in whole seconds, at least 1.</summary>
    public static ProblemHttpResult TooManyRequests(HttpContext http, TimeSpan retryAfter, string title, string detail)
    {
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Make(StatusCodes.Status429TooManyRequests, title, detail);
    }

    public static ProblemHttpResult Make(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title, type: status switch
    {
        // ASP.NET Core fills in the type of the others.
        StatusCodes.Status413PayloadTooLarge => "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        StatusCodes.Status429TooManyRequests => "https://tools.ietf.org/html/rfc6585#section-4",
        _ => null,
    });

    /// <summary>Turns exceptions, and answers that ended without a body, into problems.</summary>
    public static void UseProblems(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LexCustis.Problems");
        app.Use(async (http, next) =>
        {
            try
            {
                RefuseOtherEncodings(http.Request);
                await next(http);
            }
            catch (Exception failure)
            {
                await HandleAsync(http, failure, logger);
            }
        });
        app.UseStatusCodePages(static context => WriteAsync(context.HttpContext, Describe(context.HttpContext.Response.StatusCode)));
    }

    /// <summary>JSON is UTF-8 (RFC 8259, 8.1). One that says it is something else would be transcoded, or fail where nobody expects it.</summary>
    private static void RefuseOtherEncodings(HttpRequest request)
    {
        if (request.HasJsonContentType() && MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.Length > 0
            && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException("JSON is UTF-8.", StatusCodes.Status415UnsupportedMediaType);
        }
    }

    private static async Task HandleAsync(HttpContext http, Exception failure, ILogger logger)
    {
        if (http.RequestAborted.IsCancellationRequested && failure is OperationCanceledException or IOException or ClientGoneException)
            return;
        if (http.Response.HasStarted)
        {
            // Too late for a status: the client sees the answer break off.
            LogFailure(logger, http.Request.Method, http.GetEndpoint()?.DisplayName, Summary(failure));
            http.Abort();
            return;
        }

        IResult problem = failure switch
        {
            BadHttpRequestException bad => Describe(bad),
            TenantRevokedException => Unauthorized("The session or key has ended: sign in again."),
            _ when DatabaseIsAway(failure) => Unavailable("PostgreSQL is not available", "PostgreSQL cannot be reached just now. Nothing was changed; try again shortly."),
            _ => Make(StatusCodes.Status500InternalServerError, "Something went wrong here", "The request failed for a reason that is in the server's log."),
        };
        if (failure is TenantRevokedException)
            http.Response.Headers.WWWAuthenticate = BearerAuthentication.SchemeName;
        if (problem is ProblemHttpResult { StatusCode: >= 500 })
            LogFailure(logger, http.Request.Method, http.GetEndpoint()?.DisplayName, Summary(failure));
        await WriteAsync(http, problem);
    }

    private static Task WriteAsync(HttpContext http, IResult problem) =>
        (http.Request.Path.StartsWithSegments(OpenAiError.Path, StringComparison.Ordinal) ? OpenAiError.From(problem) : problem).ExecuteAsync(http);

    public static bool DatabaseIsAway(Exception? failure) => failure switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections || postgres.SqlState.StartsWith("28", StringComparison.Ordinal),
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>
    /// What the log may say of a failure: its type, where in this product it came up, and for PostgreSQL its code and object. Messages
    /// are left out, since a database or parser may quote the data that it stumbled over.
    /// </summary>
    public static string Summary(Exception failure) => failure switch
    {
        PostgresException postgres => $"PostgresException {postgres.SqlState} {postgres.TableName} {postgres.ConstraintName} {postgres.Routine} {PlaceOf(failure)}",
        _ => $"{failure.GetType().FullName} {PlaceOf(failure)}",
    };

    private static string? PlaceOf(Exception failure) =>
        failure.StackTrace?.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(static frame => frame.StartsWith("at LexCustis.", StringComparison.Ordinal))?.Split(" in ")[0];

    /// <summary>A body that could not be read as JSON is named by the field where reading stopped.</summary>
    private static IResult Describe(BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
            return Name(FieldOf(json.Path), "The value is not of the type that belongs here, has a character that cannot be kept (NUL, half a surrogate pair), or the JSON is malformed at this place.");

        // No route binds anything else that could be missing: paths and queries are read by the slices themselves.
        return bad.StatusCode == StatusCodes.Status400BadRequest
            ? Name("body", "Send the whole of a JSON object with Content-Type: application/json.")
            : Describe(bad.StatusCode);

        static ValidationProblem Name(string field, string want) => new RequestCheck().Require(false, field, want).Problem();
    }

    /// <summary><c>$.a.b[0]</c> is the field <c>a.b[0]</c>; the document itself is <c>body</c>.</summary>
    private static string FieldOf(string? path) => path is null or "$" ? "body" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    private static ProblemHttpResult Describe(int status) => status switch
    {
        401 => Unauthorized("Send a valid access token or API key as Authorization: Bearer …"),
        403 => Forbidden("Your role does not allow this."),
        404 => Make(404, "Not found", "Nothing is at this address."),
        405 => Make(405, "Method not allowed", "This address does not take that method."),
        413 => Make(413, "Too large", "The body is larger than this address accepts."),
        415 => Make(415, "Unsupported media type", "Send the body as application/json."),
        _ => Make(status, "The request failed", $"The server answered with status {status}."),
    };

    [LoggerMessage(1101, LogLevel.Error, "{Method} {Endpoint} failed: {Failure}")]
    private static partial void LogFailure(ILogger logger, string method, string? endpoint, string failure);
}
