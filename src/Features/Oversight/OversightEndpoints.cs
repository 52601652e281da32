using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Oversight;

internal static class OversightEndpoints
{
    public static void MapOversight(this RouteGroupBuilder api)
    {
        var oversight = api.MapGroup("/oversight").WithTags("oversight");
        var read = oversight.MapGroup("").RequireAuthorization(Policies.Audits);
        ListTurns.Map(read);
        GetTurn.Map(read);

        var decided = oversight.MapGroup("").RequireAuthorization(Policies.Oversees);
        DecideTurn.Map(decided);
        SuspendAssistant.Map(decided);
        ResumeAssistant.Map(decided);
    }
}
