using System.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexCustis.OpenApi;

/// <summary>
/// The product, run in this process just long enough to be asked which routes it maps. Its own routing table is the only list that cannot
/// have forgotten one.
/// </summary>
internal static class RunningProduct
{
    private static readonly AsyncLocal<TaskCompletionSource<IHost>?> Wanted = new();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="environment">Settings, put into this process's own environment. The database need not answer.</param>
    /// <param name="read">Reads what is wanted while the product runs.</param>
    public static async Task<T> AskAsync<T>(IReadOnlyDictionary<string, string> environment, Func<IServiceProvider, IReadOnlyList<RouteEndpoint>, T> read)
    {
        foreach (var (name, value) in environment)
            Environment.SetEnvironmentVariable(name, value);

        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = DiagnosticListener.AllListeners.Subscribe(new Hosts());
        Wanted.Value = built;
        var program = Task.Run(static () => typeof(Product).Assembly.EntryPoint!.Invoke(null, [Array.Empty<string>()]));
        Wanted.Value = null;

        if (await Task.WhenAny(built.Task, program) == program)
            throw new InvalidOperationException("The product ended before it had a host: what it wrote says why.", program.Exception);
        var host = await built.Task;
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(Patience);
        var answer = read(host.Services, [.. host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()]);
        lifetime.StopApplication();
        await program.WaitAsync(Patience);
        return answer;
    }

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
