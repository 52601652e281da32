using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Chat;

internal static class ChatEndpoints
{
    public static void MapChat(this RouteGroupBuilder api)
    {
        var chat = api.MapGroup("").WithTags("chat").RequireAuthorization(Policies.Chats);
        SendMessage.Map(chat);
        ListConversations.Map(chat);
        GetConversation.Map(chat);
        DeleteConversation.Map(chat);
    }
}
