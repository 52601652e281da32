using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Gateway;

/// <summary>The doors that programs written for OpenAI's API find where they expect them.</summary>
internal static class GatewayEndpoints
{
    public static void MapGateway(this WebApplication app)
    {
        var gateway = app.MapGroup("/v1").WithTags("gateway").RequireAuthorization(Policies.Chats);
        CreateChatCompletion.Map(gateway);
        ListModels.Map(gateway);
    }
}
