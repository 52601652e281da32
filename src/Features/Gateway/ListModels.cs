using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Gateway;

/// <summary>OpenAI's <c>GET /v1/models</c>: the one model that the organization's settings choose.</summary>
internal static class ListModels
{
    public static void Map(RouteGroupBuilder gateway) => gateway.MapGet("/models", Handle).Produces<ModelList>();

    private static async Task<JsonHttpResult<ModelList>> Handle(
        TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var organization = await OrganizationSettings.ReadAsync(transaction, cancellationToken);
        var provider = providers.Create(organization.ProviderSettings(masterKeys));
        return TypedResults.Json(
            new ModelList("list", [new ModelItem(provider.Model, "model", organization.CreatedAt.ToUnixTimeSeconds(), provider.Name)]), GatewayJson.Default.ModelList);
    }
}
