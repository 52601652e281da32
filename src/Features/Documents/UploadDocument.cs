using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Documents;

/// <summary>
/// Takes a file in and queues it; row, file and audit entry commit together. The same bytes again are the document that is there already: a client whose
/// connection broke sends the file once more and harms nothing, and a document that failed is tried anew.
/// </summary>
internal static class UploadDocument
{
    public static void Map(RouteGroupBuilder documents, DocumentSettings settings) =>
        documents.MapPost("/", Handle).WithMetadata(new FileSizeLimit(settings.MaxBytes))
            .TakesFile($"With a file name, whose ending says what it is: {DocumentFormat.AllEndings}.")
            .Answers(StatusCodes.Status409Conflict, "The documents of the organization have as many bytes as they may.")
            .Answers(StatusCodes.Status415UnsupportedMediaType, "The file is of no format that is read, or not what its name says.");

    private static async Task<Results<Created<DocumentResponse>, Ok<DocumentResponse>, ValidationProblem, ProblemHttpResult>> Handle(
        HttpRequest request, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, SubjectKeys subjectKeys, DocumentQueue queue,
        DocumentSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Whose session has ended learns it before sending a whole file.
        await using (await database.BeginAsync(tenant, cancellationToken))
        {
        }

        await using var file = new UploadedFile();
        var (wrong, refused) = await file.ReadAsync(request, settings.MaxBytes, cancellationToken);
        if (wrong is not null)
            return wrong;
        if (refused is not null)
            return refused;
        if (DocumentFormat.OfName(file.Name) is not { } format)
            return Unsupported($"Only these are read: {DocumentFormat.AllEndings}.");
        if (format.FindMismatch(file.Content) is { } mismatch)
            return Unsupported($"The file is not the {format.Label} file that its name says. {mismatch}");

        var (stored, isNew) = await StoreAsync();
        if (stored is null)
            return Problems.Conflict($"The documents of the organization may have {settings.StorageBytes} bytes together, which is less than with this file: delete what is not needed any more.");
        queue.Arrived.Send();
        return isNew ? TypedResults.Created($"/api/documents/{stored.Id}", stored) : TypedResults.Ok(stored);

        // Null when it does not fit.
        async Task<(DocumentResponse? Document, bool IsNew)> StoreAsync()
        {
            var now = clock.GetUtcNow();
            var id = Guid.CreateVersion7(now);
            await using var transaction = await database.BeginAsync(tenant, cancellationToken);
            while (true)
            {
                var inserted = await transaction.ExecuteAsync("""
                    INSERT INTO documents (id, organization_id, name, media_type, size, sha256, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    ON CONFLICT ON CONSTRAINT documents_same_bytes DO NOTHING
                    """, [id, tenant.OrganizationId, file.Name, format.MediaType, file.Size, file.Sha256, tenant.UserId, now.UtcDateTime], cancellationToken) == 1;
                if (inserted)
                {
                    if (!await FitsAsync(transaction))
                        return default;
                    file.Content.Position = 0;
                    await transaction.ExecuteAsync("INSERT INTO document_files (document_id, organization_id, bytes) VALUES ($1, $2, $3)",
                        [id, tenant.OrganizationId, file.Content], cancellationToken);
                    // Again, and for good: one upload of the organization at a time, so that it sees what others have committed.
                    await transaction.ScalarAsync<object>("SELECT pg_advisory_xact_lock(hashtextextended('lexcustis.documents.' || $1::text, 0))", [tenant.OrganizationId], cancellationToken);
                    if (!await FitsAsync(transaction))
                        return default;
                }

                var retried = !inserted && await transaction.ExecuteAsync("""
                    UPDATE documents SET status = 'queued', reason_code = NULL, reason = NULL, attempts = 0, due_at = now()
                    WHERE organization_id = $1 AND sha256 = $2 AND status = 'failed'
                    """, [tenant.OrganizationId, file.Sha256], cancellationToken) == 1;
                var document = await transaction.FirstAsync($"{ListDocuments.Select} AND sha256 = $2", [tenant.OrganizationId, file.Sha256], ListDocuments.Read, cancellationToken);
                // Deleted between the two statements: then it can be inserted.
                if (document is null)
                    continue;

                if (inserted || retried)
                {
                    var entry = entries.NewId();
                    var content = await DocumentName.SealAsync(document.Name, subjectKeys, transaction, document.UploadedBy, entry, cancellationToken);
                    await audit.AppendAsync(transaction,
                        AuditEntries.DocumentUploaded(entry, tenant, document.Id, document.MediaType, document.Size, file.Sha256, document.UploadedBy, content), cancellationToken);
                    await transaction.CommitAsync(cancellationToken);
                }

                return (document, inserted);
            }
        }

        async Task<bool> FitsAsync(TenantTransaction transaction) =>
            await transaction.ScalarAsync<long>("SELECT coalesce(sum(size), 0)::bigint FROM documents WHERE organization_id = $1", [tenant.OrganizationId], cancellationToken)
                <= settings.StorageBytes;

        static ProblemHttpResult Unsupported(string detail) => Problems.Make(StatusCodes.Status415UnsupportedMediaType, "Not a document that can be read", detail);
    }
}
