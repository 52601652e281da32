using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Incidents;

internal static class IncidentsEndpoints
{
    public static void MapIncidents(this RouteGroupBuilder api)
    {
        var incidents = api.MapGroup("/incidents").WithTags("incidents");
        ListIncidents.Map(incidents);
        GetIncident.Map(incidents);
        GetEvidence.Map(incidents);

        var reported = incidents.MapGroup("").RequireAuthorization(Policies.Chats);
        ReportIncident.Map(reported);
        AddEvidence.Map(reported);

        ChangeIncident.Map(incidents.MapGroup("").RequireAuthorization(Policies.Oversees));
        GetReport.Map(incidents.MapGroup("").RequireAuthorization(Policies.Audits));
    }

    /// <summary>Whose incidents the caller sees: a member's own alone. Null: all of the organization.</summary>
    public static Guid? SeesOnly(TenantContext tenant) => tenant.UserRole == Roles.Member ? tenant.UserId : null;
}
