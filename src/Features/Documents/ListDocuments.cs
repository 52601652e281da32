using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LexCustis.Features.Documents;

/// <param name="Status"><c>queued</c>, <c>indexing</c>, <c>ready</c> or <c>failed</c>.</param>
/// <param name="ReasonCode">Of a failed one: why, for programs; see docs/documents.md.</param>
/// <param name="Reason">The same for people.</param>
/// <param name="Pages">Null until it was read, and for formats without pages.</param>
/// <param name="Language">A text search configuration of PostgreSQL; null until it was read.</param>
/// <param name="ChunksTotal">Passages it was cut into; null until then.</param>
/// <param name="Degraded">Of a ready one that is found by its words alone for now: why. Null once it is found by meaning too, and where the server has no model.</param>
internal sealed record DocumentResponse(
    Guid Id, string Name, string MediaType, long Size, string Sha256, Guid UploadedBy, string UploadedByName, DateTimeOffset UploadedAt,
    [AllowedValues("queued", "indexing", "ready", "failed")] string Status,
    string? ReasonCode, string? Reason, int? Pages, string? Language, int ChunksDone, int? ChunksTotal, RetrievalTrouble? Degraded);

internal sealed record DocumentList(IReadOnlyList<DocumentResponse> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>The organization's documents, newest first.</summary>
internal static class ListDocuments
{
    /// <summary>What <see cref="Read"/> reads, of the organization <c>$1</c>; a condition follows.</summary>
    public const string Select = """
        SELECT documents.id, documents.name, media_type, size, sha256, uploaded_by, users.name, uploaded_at, status, reason_code, documents.reason, pages, language::text, chunks_done, chunks_total, missing_vectors.reason
        FROM documents JOIN users ON users.organization_id = $1 AND users.id = uploaded_by
        LEFT JOIN missing_vectors ON missing_vectors.organization_id = $1 AND missing_vectors.document_id = documents.id
        WHERE documents.organization_id = $1
        """;

    public static void Map(RouteGroupBuilder documents) => documents.MapGet("/", Handle);

    public static DocumentResponse Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt64(3), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(4)), row.GetGuid(5), row.GetString(6),
        row.GetFieldValue<DateTimeOffset>(7), row.GetString(8), row.IsDBNull(9) ? null : row.GetString(9), row.IsDBNull(10) ? null : row.GetString(10),
        row.IsDBNull(11) ? null : row.GetInt32(11), row.IsDBNull(12) ? null : row.GetString(12), row.GetInt32(13), row.IsDBNull(14) ? null : row.GetInt32(14),
        row.IsDBNull(15) ? null : RetrievalTrouble.OfDocument(row.GetString(15)));

    private static async Task<Results<Ok<DocumentList>, ValidationProblem>> Handle(
        string? cursor, string? limit, [Description("Only documents of this status."), AllowedValues("queued", "indexing", "ready", "failed")] string? status, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;
        var check = new RequestCheck().Require(status is null or "queued" or "indexing" or "ready" or "failed", "status", "Use queued, indexing, ready or failed.");
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var documents = await transaction.ListAsync(
            $"{Select} AND ($2::uuid IS NULL OR documents.id < $2) AND ($3::text IS NULL OR status = $3) ORDER BY documents.id DESC LIMIT $4",
            [tenant.OrganizationId, page.After, status, page.Limit + 1], Read, cancellationToken);
        return TypedResults.Ok(new DocumentList(page.Cut(documents), page.Next(documents, static document => document.Id)));
    }
}
