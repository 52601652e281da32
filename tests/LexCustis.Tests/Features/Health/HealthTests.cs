using System.Net;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Health;

public sealed class HealthTests(SharedServer shared)
{
    [Fact]
    public async Task Anyone_may_ask_whether_the_server_lives_and_what_it_depends_on()
    {
        var anyone = new Api(shared.Server.Http, null);
        var alive = await anyone.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, alive.Status);
        Assert.Equal("alive", alive.Json.Text("status"));

        var ready = await anyone.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Equal("ready", ready.Json.Text("status"));
        Assert.Equal(["postgres", "redis", "checkpoints"], ready.Json.GetProperty("dependencies").Names());
        Assert.All(ready.Json.GetProperty("dependencies").EnumerateObject(), static dependency =>
            Assert.Equal(dependency.Name == "checkpoints" ? "not_configured" : "ready", dependency.Value.Text("status")));
    }
}
