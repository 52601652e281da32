namespace LexCustis.Features.Dossier;

internal static class DossierServices
{
    public static IServiceCollection AddDossier(this IServiceCollection services) => services
        .AddSingleton<DossierDesk>()
        .AddSingleton<DossierWriter>();
}
