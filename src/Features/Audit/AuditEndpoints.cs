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
        GetCheckpoint.Map(audit);
        GetConsistency.Map(audit);

        // For everyone who is signed in: a receipt is held by the person who got it.
        var receipts = api.MapGroup("/audit").WithTags("audit");
        GetProof.Map(receipts);
        GetPublicKey.Map(receipts);
    }
}
