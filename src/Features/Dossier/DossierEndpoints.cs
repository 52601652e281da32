namespace LexCustis.Features.Dossier;

internal static class DossierEndpoints
{
    public static void MapDossier(this RouteGroupBuilder api)
    {
        var dossier = api.MapGroup("/dossier").WithTags("dossier");
        GetSystemCard.Map(dossier);
        PutSystemCard.Map(dossier);
        ExportDossier.Map(dossier);
    }
}
