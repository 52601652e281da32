using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Console;
using Npgsql;

namespace LexCustis.Infrastructure.Web;

/// <summary>The web server's own settings: from an empty builder, so that nothing is read or watched but what stands here.</summary>
internal static partial class Server
{
    /// <summary>Bytes of a request's body, where an address does not say otherwise.</summary>
    private const long BodyLimit = 1 << 20;

    /// <summary>Bytes of a body too large that are read away so that its sender learns of it.</summary>
    private const long DrainLimit = 32 << 20;

    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    public static void ConfigureServer(this WebApplicationBuilder builder, Settings settings)
    {
        builder.WebHost.UseKestrelCore().UseUrls(settings.Urls).ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        // A request that cannot be bound becomes a problem that names the field, not an empty 400.
        builder.Services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        // The host's errors are exceptions that Program.cs puts in a line of words.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning);
    }

    /// <returns>One line that says why this binary must not run on that database; null when it may, or when the database does not answer yet.</returns>
    public static async Task<string?> FindSchemaMismatchAsync(this WebApplication app)
    {
        try
        {
            return await Schema.FindMismatchAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None);
        }
        catch (NpgsqlException away)
        {
            LogDatabaseAway(app.Logger, away.InnerException?.Message ?? away.Message);
            return null;
        }
    }

    /// <summary>
    /// Refuses a body that says it is too large. A client that is still sending when its connection closes may never read why, so what it
    /// declared is read away first, within bounds; what comes in chunks is stopped by the web server itself.
    /// </summary>
    public static void UseBodyLimit(this WebApplication app) => app.Use(static async (http, next) =>
    {
        var limits = http.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (http.Request.ContentLength is not { } declared || limits?.MaxRequestBodySize is not { } limit || declared <= limit)
        {
            await next(http);
            return;
        }

        // Who asks first (Expect: 100-continue) has sent nothing yet.
        if (declared <= DrainLimit && http.Request.Headers.Expect.Count == 0 && !limits.IsReadOnly)
        {
            limits.MaxRequestBodySize = declared;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            patience.CancelAfter(DrainPatience);
            try
            {
                await http.Request.Body.CopyToAsync(Stream.Null, patience.Token);
            }
            catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
            {
                http.Response.Headers.Connection = "close";
            }
        }

        http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
    });

    /// <summary>Headers that every answer has.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use(static (http, next) =>
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        // Answers are somebody's: no cache between keeps them. What may be kept says so itself.
        headers.CacheControl = "no-store";
        return next(http);
    });

    [LoggerMessage(1401, LogLevel.Warning, "PostgreSQL does not answer yet ({Reason}): serving, and /readyz says so")]
    private static partial void LogDatabaseAway(ILogger logger, string reason);
}
