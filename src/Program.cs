using LexCustis.Commands;
using LexCustis.Features;
using LexCustis.Features.ApiKeys;
using LexCustis.Features.Audit;
using LexCustis.Features.Auth;
using LexCustis.Features.Chat;
using LexCustis.Features.Compliance;
using LexCustis.Features.Documents;
using LexCustis.Features.Dossier;
using LexCustis.Features.Gateway;
using LexCustis.Features.Health;
using LexCustis.Features.Incidents;
using LexCustis.Features.Monitoring;
using LexCustis.Features.OpenApi;
using LexCustis.Features.Organizations;
using LexCustis.Features.Oversight;
using LexCustis.Features.Search;
using LexCustis.Features.Users;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Lifecycle;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Telemetry;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;

if (await CommandLine.RunAsync(args) is { } exit)
    return exit;

Settings settings;
try
{
    settings = Settings.Read(EnvironmentReader.OfProcess);
}
catch (SettingException wrong)
{
    return CommandLine.Complain(wrong.Message, CommandLine.WrongUse);
}

var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "lexcustis", ContentRootPath = AppContext.BaseDirectory });
builder.ConfigureServer(settings);
builder.Services.AddSingleton(settings).AddSingleton(TimeProvider.System);
builder.Services.AddPostgres(settings.Database).AddRedis(settings.Redis).AddProviders(settings.Providers);
builder.Services.AddAuditLog(settings.MasterKeys, settings.Checkpoints).AddCheckpoints();
builder.Services.AddRetrieval(settings.Retrieval).AddRetrievalWork();
builder.Services.AddLifecycle();
builder.Services.AddTurns();
builder.Services.AddIncidents();
builder.Services.AddMonitoring();
builder.Services.AddDocuments(settings.Documents);
builder.Services.AddDossier();
builder.Services.AddAuthenticationByTokenOrKey().AddAuth();
builder.Services.AddJson().AddTelemetry(settings.Telemetry);

await using var app = builder.Build();
if (await app.FindSchemaMismatchAsync() is { } mismatch)
    return CommandLine.Complain(mismatch, CommandLine.Failed);

app.UseClientAddress();
app.UseSecurityHeaders();
app.UseProblems();
app.UseRouting();
app.UseBodyLimit();
app.UseWebApp();
app.UseAuthentication();
app.UseAuthorization();

app.MapHealth();
app.MapOpenApi();
app.MapAuth();
app.MapGateway();
var api = app.MapGroup("/api").RequireAuthorization();
api.MapUsers();
api.MapApiKeys();
api.MapOrganizations();
api.MapChat();
api.MapSearch();
api.MapDocuments(settings.Documents);
api.MapCompliance();
api.MapAudit();
api.MapOversight();
api.MapIncidents();
api.MapMonitoring();
api.MapDossier();
try
{
    await app.StartAsync();
}
catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    app.Lifetime.StopApplication(); // else what began already and is ended now is told as a failure of its own
    await app.StopAsync();
    return CommandLine.Complain($"LEXCUSTIS_URLS: {string.Join(';', settings.Urls)} is in use already: end what listens there, or name another address.", CommandLine.Failed);
}

await app.WaitForShutdownAsync();
return CommandLine.Fine;
