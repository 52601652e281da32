using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Documents;

internal static class DocumentsEndpoints
{
    public static void MapDocuments(this RouteGroupBuilder api, DocumentSettings settings)
    {
        // Whoever may ask the assistant, or read what it answered, may read what it answers from.
        var documents = api.MapGroup("/documents").WithTags("documents");
        ListDocuments.Map(documents);
        GetDocument.Map(documents);
        OpenPassage.Map(documents);

        var contributors = api.MapGroup("/documents").WithTags("documents").RequireAuthorization(Policies.Contributes);
        UploadDocument.Map(contributors, settings);
        DeleteDocument.Map(contributors);
    }
}
