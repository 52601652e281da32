namespace LexCustis.Tests.Harness;

/// <summary>A server that takes checkpoints when it is asked for a proof, and by itself only at its start: a test decides when.</summary>
public sealed class CheckpointServer : IAsyncLifetime
{
    private LexCustisServer? server;

    public LexCustisServer Server => server!;

    internal CheckpointFolder Folder { get; } = new();

    public async ValueTask InitializeAsync() => server = await LexCustisServer.StartAsync(Folder.Settings());

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        Folder.Dispose();
    }
}
