using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>
/// The whole log as it stands, streamed page by page, so that neither memory nor a transaction grows with it or with a slow client.
/// A line of JSON is <c>{sequence, body, previous_hash, entry_hash}</c>, the body as the exact text that was hashed. What people typed is not in it.
/// </summary>
internal static class ExportLog
{
    private const int PageSize = 1_000;

    private static readonly JsonWriterOptions Options = new() { Encoder = PlainJsonEncoder.Instance };

    public static void Map(RouteGroupBuilder audit) => audit.MapGet("/export", Handle).AnswersFile("application/jsonl", "text/csv");

    private static async Task<Results<EmptyHttpResult, ValidationProblem>> Handle(
        [Description("The form of the file; `jsonl` when absent."), AllowedValues("jsonl", "csv")] string? format, TenantContext tenant, HttpContext http, TenantDatabase database, AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        format ??= "jsonl";
        var check = new RequestCheck().Require(format is "jsonl" or "csv", "format", "Use jsonl or csv.");
        if (check.Failed)
            return check.Problem();

        long last;
        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
        {
            last = await transaction.ScalarAsync<long>("SELECT coalesce(max(sequence), 0) FROM audit_logs WHERE organization_id = $1", [tenant.OrganizationId], cancellationToken);
            // Written first: an export that breaks off was still an export.
            await audit.AppendAsync(transaction, entries.Exported(tenant, format, last), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        http.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit-{tenant.OrganizationId}.{format}\"";
        http.Response.Headers.CacheControl = "no-store";
        var output = http.Response.BodyWriter;
        using var json = new Utf8JsonWriter(output, Options);
        if (format == "csv")
            output.Write("sequence,id,created_at,event_type,user_id,body,previous_hash,entry_hash\r\n"u8);

        for (long sequence = 0; sequence < last;)
        {
            var page = await ReadPageAsync(database, tenant, sequence, last, cancellationToken);
            if (page.Count == 0)
                break;
            foreach (var row in page)
            {
                if (format == "csv")
                    WriteCsv(output, row);
                else
                    WriteJson(output, json, row);
            }

            sequence = page[^1].Sequence;
            await output.FlushAsync(cancellationToken);
        }

        return TypedResults.Empty;
    }

    private static async Task<List<Row>> ReadPageAsync(TenantDatabase database, TenantContext tenant, long after, long last, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        return await transaction.ListAsync("""
            SELECT sequence, id, created_at, event_type, user_id, body, previous_hash, entry_hash FROM audit_logs
            WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence LIMIT $4
            """, [tenant.OrganizationId, after, last, PageSize],
            static row => new Row(
                row.GetInt64(0), row.GetGuid(1), row.GetTime(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4), row.GetString(5),
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(6)), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(7))), cancellationToken);
    }

    private static void WriteJson(PipeWriter output, Utf8JsonWriter json, Row row)
    {
        json.Reset(output);
        ExportLine.Write(json, row.Sequence, row.Body, row.PreviousHash, row.EntryHash);
        json.Flush();
        output.Write("\n"u8);
    }

    /// <summary>RFC 4180. Only the body can hold a quote or comma; no field begins with a character that a spreadsheet takes for a formula.</summary>
    private static void WriteCsv(PipeWriter output, Row row)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{row.Sequence},{row.Id},{AuditEncoder.FormatTime(row.CreatedAt)},{row.EventType},{row.UserId},\"{row.Body.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{row.PreviousHash},{row.EntryHash}\r\n");
        Encoding.UTF8.GetBytes(line, output);
    }

    private sealed record Row(
        long Sequence, Guid Id, DateTimeOffset CreatedAt, string EventType, Guid? UserId, string Body, string PreviousHash, string EntryHash);
}
