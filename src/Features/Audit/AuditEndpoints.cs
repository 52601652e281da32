using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Audit;

internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("audit").RequireAuthorization(Policies.Audits);
        ListEntries.Map(audit);
        GetEntry.Map(audit);
        VerifyLog.Map(audit);
        ExportLog.Map(audit);
    }
}
