namespace LexCustis.Tests.Harness;

/// <summary>One organization for a class whose tests leave it as it is: registering costs a password hash, which is slow on purpose.</summary>
public sealed class OneAdmin(SharedServer shared) : IAsyncLifetime
{
    private Api? admin;

    public Api Admin => admin!;

    public async ValueTask InitializeAsync() => admin = await Api.RegisterAsync(shared.Server);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
