using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>Recomputes the organization's whole log; that it was verified, and how that ended, is then an entry too.</summary>
internal static class VerifyLog
{
    public static void Map(RouteGroupBuilder audit) => audit.MapPost("/verify", Handle);

    private static async Task<Ok<VerificationReport>> Handle(
        TenantContext tenant, AuditVerifier verifier, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        var report = await verifier.VerifyAsync(tenant, cancellationToken);
        await audit.AppendAsync(entries.Verified(tenant.OrganizationId, tenant.Actor, report.Rows, report.Valid));
        return TypedResults.Ok(report);
    }
}
