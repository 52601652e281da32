using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>The files of a dossier that are as long as the log, line by line.</summary>
internal static class DossierLog
{
    private const int PageSize = 200;

    /// <summary>Each entry as an export has it.</summary>
    public static async Task WriteEntriesAsync(TenantTransaction snapshot, DossierRange range, DossierLines lines, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync("""
            SELECT sequence, body, previous_hash, entry_hash FROM audit_logs WHERE organization_id = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence
            """, [range.Organization, range.First, range.Last], cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await lines.WriteAsync(reader, static (json, row) =>
                ExportLine.Write(json, row.GetInt64(0), row.GetString(1), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(2)), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(3))));
        }
    }

    /// <summary>What was said, as far as it can be read: <c>{sequence, id, subject, content}</c>, content <c>"erased"</c> or <c>"unreadable"</c> where it can't.</summary>
    public static async Task WriteContentAsync(TenantTransaction snapshot, DossierRange range, SubjectKeys subjectKeys, DossierLines lines, CancellationToken cancellationToken)
    {
        var keys = subjectKeys.ReaderFor(snapshot);
        for (var after = range.First - 1; ;)
        {
            var page = await snapshot.ListAsync("""
                SELECT sequence, id, subject_id, content FROM audit_logs
                WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3 AND content IS NOT NULL AND subject_id IS NOT NULL ORDER BY sequence LIMIT $4
                """, [range.Organization, after, range.Last, PageSize],
                static row => (Sequence: row.GetInt64(0), Id: row.GetGuid(1), Subject: row.GetGuid(2), Content: row.GetFieldValue<byte[]>(3)), cancellationToken);
            foreach (var row in page)
            {
                var content = await keys.OpenAsync(row.Subject, row.Id, row.Content, cancellationToken);
                await lines.WriteAsync((row.Sequence, row.Id, row.Subject, Content: content), static (json, line) =>
                {
                    json.WriteStartObject();
                    json.WriteNumber("sequence"u8, line.Sequence);
                    json.WriteString("id"u8, line.Id);
                    json.WriteString("subject"u8, line.Subject);
                    json.WritePropertyName("content"u8);
                    line.Content.WriteTo(json);
                    json.WriteEndObject();
                });
            }

            if (page.Count < PageSize)
                return;
            after = page[^1].Sequence;
        }
    }

    /// <summary>
    /// What overseers did, entry by entry: decisions, suspensions. Then the flagged turns that nobody had decided on when the dossier was made.
    /// What they wrote is content, and not here.
    /// </summary>
    public static async Task WriteOversightAsync(TenantTransaction snapshot, DossierRange range, DossierLines lines, CancellationToken cancellationToken)
    {
        await using (var reader = await snapshot.ReadAsync("""
            SELECT sequence, body FROM audit_logs WHERE organization_id = $1 AND sequence BETWEEN $2 AND $3
              AND event_type IN ('oversight.approved', 'oversight.overridden', 'oversight.escalated', 'oversight.dismissed', 'assistant.suspended', 'assistant.resumed')
            ORDER BY sequence
            """, [range.Organization, range.First, range.Last], cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                await lines.WriteAsync(reader, static (json, row) => EntryLine.Write(json, row.GetInt64(0), row.GetFieldValue<byte[]>(1)));
        }

        await using var pending = await snapshot.ReadAsync("""
            SELECT turn.sequence, turn.body FROM audit_logs AS turn
            WHERE turn.organization_id = $1 AND turn.sequence BETWEEN $2 AND $3 AND turn.body LIKE '%"flags":["%'
              AND NOT EXISTS (SELECT FROM audit_log_oversight AS decided WHERE decided.organization_id = $1 AND decided.audit_log_id = turn.id)
            ORDER BY turn.sequence
            """, [range.Organization, range.First, range.Last], cancellationToken);
        while (await pending.ReadAsync(cancellationToken))
            await lines.WriteAsync(pending, static (json, row) => EntryLine.Write(json, row.GetInt64(0), row.GetFieldValue<byte[]>(1), "pending"));
    }
}

/// <summary>An entry's own facts, taken out of its body.</summary>
internal static class EntryLine
{
    /// <summary><c>{sequence, status?, id, at, type, actor, subject?, data}</c>; of a body that is not JSON any more, the sequence alone.</summary>
    public static void Write(Utf8JsonWriter json, long sequence, byte[] body, string? status = null)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence"u8, sequence);
        if (status is not null)
            json.WriteString("status"u8, status);
        using (var document = Read(body))
        {
            foreach (var name in document is null ? [] : (string[])["id", "at", "type", "actor", "subject", "data"])
            {
                if (!document!.RootElement.TryGetProperty(name, out var value))
                    continue;
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    /// <returns>Null when the body is no JSON object any more, which verification names.</returns>
    public static JsonDocument? Read(byte[] body)
    {
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // Told by the caller's line, and by verification.
        }

        return null;
    }
}
