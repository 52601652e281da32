using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Users;

internal static class UsersEndpoints
{
    public static void MapUsers(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("users").RequireAuthorization(Policies.Administers);
        ListUsers.Map(users);
        InviteUser.Map(users);
        ChangeUser.Map(users);
        RemoveUser.Map(users);
        EraseUser.Map(users);
    }
}
