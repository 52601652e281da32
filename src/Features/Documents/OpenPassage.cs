using System.ComponentModel;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Documents;

/// <param name="Items">In the order of the text; they do not overlap, so one after the other they read as the document does.</param>
internal sealed record OpenedPassage(Guid DocumentId, string Name, string MediaType, int? Pages, int PassagesTotal, int Position, IReadOnlyList<PassagePart> Items);

/// <param name="Heading">The headings above it, outermost first, joined by " › "; empty at the document's top.</param>
/// <param name="Page">1-based page where its passage begins; null for a format without pages.</param>
/// <param name="Start">In UTF-16 code units of the extracted text, as <paramref name="End"/>.</param>
/// <param name="Quoted">Whether it is the passage that was asked for, which is whole.</param>
internal sealed record PassagePart(int Position, string Heading, int? Page, int Start, int End, string Text, bool Quoted);

/// <summary>Opens a document at a passage, as a source of an answer names it, with what stands around it.</summary>
internal static class OpenPassage
{
    private const int DefaultContext = 2;
    private const int MostContext = 20;

    public static void Map(RouteGroupBuilder documents) => documents.MapGet("/{id:guid}/passages/{position:int}", Handle);

    private static async Task<Results<Ok<OpenedPassage>, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, int position, [Description("How many passages on either side, from 0 to 20; 2 when absent.")] string? context, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var around = DefaultContext;
        var check = new RequestCheck().Require(context is null || (int.TryParse(context, out around) && around is >= 0 and <= MostContext), "context", $"Use a number from 0 to {MostContext}.");
        if (check.Failed)
            return check.Problem();

        // The document and its passages as they are at one time: it may be indexed anew just now.
        await using var transaction = await database.BeginSnapshotAsync(tenant, cancellationToken);
        var document = await transaction.FirstAsync("SELECT name, media_type, pages, chunks_total FROM documents WHERE organization_id = $1 AND id = $2", [tenant.OrganizationId, id],
            static row => new { Name = row.GetString(0), MediaType = row.GetString(1), Pages = row.IsDBNull(2) ? (int?)null : row.GetInt32(2), Total = row.IsDBNull(3) ? 0 : row.GetInt32(3) },
            cancellationToken);
        if (document is null)
            return Problems.NotFound("document");

        var passages = await transaction.ListAsync("""
            SELECT position, heading, page, start_offset, end_offset, content FROM document_passages
            WHERE organization_id = $1 AND document_id = $2 AND position BETWEEN $3::bigint - $4 AND $3::bigint + $4 ORDER BY position
            """, [tenant.OrganizationId, id, position, around],
            row => new PassagePart(row.GetInt32(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5),
                Quoted: row.GetInt32(0) == position), cancellationToken);
        var quoted = passages.FindIndex(static passage => passage.Quoted);
        return quoted < 0
            ? Problems.NotFound("passage of this document")
            : TypedResults.Ok(new OpenedPassage(id, document.Name, document.MediaType, document.Pages, document.Total, position, WithoutOverlap(passages, quoted)));
    }

    /// <summary>Passages repeat the end of the one before; here those before the quoted one end where the next begins, those after it begin where the one before ended.</summary>
    internal static List<PassagePart> WithoutOverlap(List<PassagePart> passages, int quoted)
    {
        var parts = new List<PassagePart> { passages[quoted] };
        var border = passages[quoted].Start;
        for (var at = quoted - 1; at >= 0; at--)
        {
            var text = passages[at].Text.AsSpan(0, Math.Clamp(border - passages[at].Start, 0, passages[at].Text.Length)).TrimEnd().ToString();
            if (text.Length > 0)
                parts.Insert(0, passages[at] with { Text = text, End = passages[at].Start + text.Length });
            border = Math.Min(border, passages[at].Start);
        }

        border = passages[quoted].End;
        for (var at = quoted + 1; at < passages.Count; at++)
        {
            var text = passages[at].Text.AsSpan(Math.Clamp(border - passages[at].Start, 0, passages[at].Text.Length)).TrimStart().ToString();
            if (text.Length > 0)
                parts.Add(passages[at] with { Text = text, Start = passages[at].End - text.Length });
            border = Math.Max(border, passages[at].End);
        }

        return parts;
    }
}
