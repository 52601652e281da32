using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Documents;

/// <summary>One document, and how far its indexing is.</summary>
internal static class GetDocument
{
    public static void Map(RouteGroupBuilder documents) => documents.MapGet("/{id:guid}", Handle);

    private static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var document = await transaction.FirstAsync($"{ListDocuments.Select} AND documents.id = $2", [tenant.OrganizationId, id], ListDocuments.Read, cancellationToken);
        return document is null ? Problems.NotFound("document") : TypedResults.Ok(document);
    }
}
