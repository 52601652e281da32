namespace LexCustis.Features.Search;

internal static class SearchEndpoints
{
    public static void MapSearch(this RouteGroupBuilder api) => SearchPassages.Map(api.MapGroup("/search").WithTags("search"));
}
