using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.ApiKeys;

internal static class ApiKeysEndpoints
{
    public static void MapApiKeys(this RouteGroupBuilder api)
    {
        var keys = api.MapGroup("/api-keys").WithTags("api-keys").RequireAuthorization(Policies.Administers);
        ListApiKeys.Map(keys);
        CreateApiKey.Map(keys);
        RevokeApiKey.Map(keys);
    }
}
