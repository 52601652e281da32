using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Monitoring;

internal static class MonitoringEndpoints
{
    public static void MapMonitoring(this RouteGroupBuilder api) =>
        GetMonitoring.Map(api.MapGroup("/monitoring").WithTags("monitoring").RequireAuthorization(Policies.Audits));
}
