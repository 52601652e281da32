using Npgsql;
using Microsoft.IdentityModel.JsonWebTokens;

var builder = WebApplication.CreateSlimBuilder(args);
var app = builder.Build();
app.MapGet("/healthz", () => "ok");
app.MapGet("/x", async () =>
{
    await using var s = new NpgsqlSlimDataSourceBuilder("Host=x").Build();
    return new JsonWebTokenHandler().CanReadToken("a.b.c").ToString();
});
await app.RunAsync();
return 0;
