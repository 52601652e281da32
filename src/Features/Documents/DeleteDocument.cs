using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Documents;

/// <summary>
/// Takes a document away with its file and passages, whatever is being done with it: who is indexing it finds no row to write to. What was quoted from
/// it stays in the turns that did. An admin may delete any, a member what they uploaded themselves.
/// </summary>
internal static class DeleteDocument
{
    public static void Map(RouteGroupBuilder documents) => documents.MapDelete("/{id:guid}", Handle)
        .Answers(StatusCodes.Status403Forbidden, "Someone else uploaded it: they or an admin can delete it.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, SubjectKeys subjectKeys, PassageVectors vectors,
        CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var deleted = await transaction.FirstAsync("""
            DELETE FROM documents WHERE organization_id = $1 AND id = $2 AND ($3 OR uploaded_by = $4)
            RETURNING name, sha256, uploaded_by
            """, [tenant.OrganizationId, id, tenant.UserRole == Roles.Admin, tenant.UserId],
            static row => new { Name = row.GetString(0), Sha256 = row.GetFieldValue<byte[]>(1), UploadedBy = row.GetGuid(2) }, cancellationToken);
        if (deleted is null)
        {
            return await transaction.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM documents WHERE organization_id = $1 AND id = $2)", [tenant.OrganizationId, id], cancellationToken)
                ? Problems.Forbidden("Someone else uploaded this document: they or an admin can delete it.")
                : Problems.NotFound("document");
        }

        var entry = entries.NewId();
        var content = await DocumentName.SealAsync(deleted.Name, subjectKeys, transaction, deleted.UploadedBy, entry, cancellationToken);
        await audit.AppendAsync(transaction, AuditEntries.DocumentDeleted(entry, tenant, id, deleted.Sha256, deleted.UploadedBy, content), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        // The deletion has left word of the vectors outside PostgreSQL; they are swept now, or by another server if this one dies.
        vectors.Deleted.Send();
        return TypedResults.NoContent();
    }
}
