using LexCustis.Tests.Harness;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace LexCustis.Tests.Harness;

/// <summary>One server for all tests that need nothing special of it: each registers an organization of its own, so they run side by side.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private LexCustisServer? server;

    public LexCustisServer Server => server!;

    public async ValueTask InitializeAsync() => server = await LexCustisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }
}
