using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LexCustis.Features.Health;

internal sealed record AliveResponse([AllowedValues("alive")] string Status, string Version);

/// <param name="Status"><c>ready</c>; <c>degraded</c>: it serves, with less than was configured; <c>unavailable</c>: it cannot serve.</param>
internal sealed record ReadinessResponse([AllowedValues("ready", "degraded", "unavailable")] string Status, IReadOnlyDictionary<string, DependencyStatus> Dependencies);

/// <param name="Status"><c>ready</c>, <c>degraded</c>, <c>unavailable</c>, or <c>not_configured</c>.</param>
internal sealed record DependencyStatus([AllowedValues("ready", "degraded", "unavailable", "not_configured")] string Status, string? Detail = null);

internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", Alive).WithTags("health");
        app.MapGet("/readyz", Ready).WithTags("health").Produces<ReadinessResponse>().Produces<ReadinessResponse>(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The process is alive.</summary>
    private static Ok<AliveResponse> Alive() => TypedResults.Ok(new AliveResponse("alive", Product.Version));

    /// <summary>What the server depends on, each by name, and whether it can serve.</summary>
    private static async Task<JsonHttpResult<ReadinessResponse>> Ready(NpgsqlDataSource source, IServiceProvider services, Degradation degradation, Checkpointer checkpointer, CheckpointHealth checkpoints, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var dependencies = new Dictionary<string, DependencyStatus>(StringComparer.Ordinal)
        {
            ["postgres"] = await AskPostgresAsync(source, patience.Token),
            ["redis"] = services.GetService<RedisConnection>() is null ? new("not_configured", "Budgets and rate limits are counted in this process alone.")
                : await degradation.ProbeAsync(patience.Token) ? new("ready")
                : new("degraded", "Redis does not answer: this process counts by itself meanwhile."),
            ["checkpoints"] = !checkpointer.Enabled ? new("not_configured", "LEXCUSTIS_CHECKPOINT_KEY_FILE is not set: no checkpoints are signed.")
                : checkpoints.Trouble is { } trouble ? new("degraded", trouble)
                : new("ready"),
        };
        var unavailable = dependencies.Values.Any(static dependency => dependency.Status == "unavailable");
        var degraded = dependencies.Values.Any(static dependency => dependency.Status == "degraded");
        return TypedResults.Json(
            new ReadinessResponse(unavailable ? "unavailable" : degraded ? "degraded" : "ready", dependencies),
            HealthJson.Default.ReadinessResponse, statusCode: unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static async Task<DependencyStatus> AskPostgresAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await Schema.FindMismatchAsync(source, cancellationToken) is { } mismatch ? new("unavailable", mismatch) : new("ready");
        }
        catch (Exception failure) when (failure is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return new("unavailable", "PostgreSQL does not answer.");
        }
    }
}
