using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Organizations;

internal static class OrganizationsEndpoints
{
    public static void MapOrganizations(this RouteGroupBuilder api)
    {
        var organization = api.MapGroup("/organization").WithTags("organization");
        GetOrganization.Map(organization);
        GetUsage.Map(organization);

        var administered = organization.MapGroup("").RequireAuthorization(Policies.Administers);
        ChangeOrganization.Map(administered);
        TestProvider.Map(administered);
    }
}
