using System.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexCustis.Tests.Harness;

/// <summary>
/// Every route that the product maps, read from its own routing table: the program runs in this process just long enough to be asked.
/// Nothing else can tell that a table of routes in a test has forgotten one.
/// </summary>
internal static class MappedRoutes
{
    private static readonly AsyncLocal<TaskCompletionSource<IHost>?> Wanted = new();

    /// <returns><c>METHOD /template</c>, in alphabetical order.</returns>
    public static async Task<string[]> ReadAsync(TestDatabase database)
    {
        foreach (var (name, value) in LexCustisServer.DefaultEnvironment(database))
            Environment.SetEnvironmentVariable(name, value);

        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = DiagnosticListener.AllListeners.Subscribe(new Hosts());
        Wanted.Value = built;
        var program = Task.Run(static () => typeof(Product).Assembly.EntryPoint!.Invoke(null, [Array.Empty<string>()]));
        Wanted.Value = null;

        if (await Task.WhenAny(built.Task, program) == program)
            throw new InvalidOperationException("The program ended before it had a host.", program.Exception);
        var host = await built.Task;
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(Describe).Order(StringComparer.Ordinal).ToArray();
        lifetime.StopApplication();
        await program.WaitAsync(TimeSpan.FromSeconds(30));
        return routes;
    }

    private static IEnumerable<string> Describe(RouteEndpoint endpoint) =>
        (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}");

    /// <summary>Hears of the host that this very flow of calls built.</summary>
    private sealed class Hosts : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener listener)
        {
            if (listener.Name == "Microsoft.Extensions.Hosting")
                listener.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host })
                Wanted.Value?.TrySetResult(host);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
