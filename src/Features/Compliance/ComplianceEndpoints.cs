namespace LexCustis.Features.Compliance;

internal static class ComplianceEndpoints
{
    public static void MapCompliance(this RouteGroupBuilder api)
    {
        var compliance = api.MapGroup("/compliance").WithTags("compliance");
        CheckText.Map(compliance);
    }
}
