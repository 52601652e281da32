using LexCustis.Infrastructure.Turns;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LexCustis.Infrastructure.Telemetry;

/// <summary>
/// Metrics and traces over OTLP (HTTP, protobuf), where the operator names a collector; where not, nothing is gathered and nothing leaves.
/// What is sent are counts, durations, routes and statements with their placeholders: no text, no address, no name, no parameter's value.
/// </summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetrySettings? settings)
    {
        if (settings is null)
            return services;

        services.AddMetrics();
        services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.Clear().AddService("lexcustis", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics => metrics
                .AddMeter(TurnMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql")
                .AddOtlpExporter((exporter, reader) =>
                {
                    Configure(exporter, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.MetricInterval.TotalMilliseconds;
                }))
            .WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Npgsql")
                .AddOtlpExporter(exporter => Configure(exporter, "v1/traces")));
        return services;

        void Configure(OtlpExporterOptions exporter, string path)
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(settings.Endpoint, path);
            exporter.Headers = settings.Headers;
        }
    }
}

/// <param name="Endpoint">The collector's base address, with a slash at its end.</param>
/// <param name="Headers">As <c>name=value</c>, comma-separated: how collectors are told a key. Null for none.</param>
internal sealed record TelemetrySettings(Uri Endpoint, string? Headers, TimeSpan MetricInterval);
