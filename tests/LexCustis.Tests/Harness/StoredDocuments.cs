using Npgsql;

namespace LexCustis.Tests.Harness;

/// <summary>A passage as indexing leaves it.</summary>
/// <param name="Start">By default the end of the one before.</param>
internal sealed record StoredPassage(string Content, string Heading = "", string Language = "english", int? Page = null, int? Start = null);

/// <summary>Documents that are in the database already, cut as a test wants them.</summary>
internal static class StoredDocuments
{
    /// <returns>The document's id.</returns>
    public static async Task<Guid> AddDocumentAsync(this TestDatabase database, Guid organization, Guid user, string name, params StoredPassage[] passages)
    {
        var document = Guid.CreateVersion7();
        await using var connection = new NpgsqlConnection(database.ConnectionString());
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection);
        var row = new NpgsqlBatchCommand("""
            INSERT INTO documents (id, organization_id, name, media_type, size, sha256, uploaded_by, uploaded_at, status) VALUES ($1, $2, $3, 'text/plain', 1, $4, $5, now(), 'ready')
            """);
        Add(row, document, organization, name, System.Security.Cryptography.SHA256.HashData(document.ToByteArray()), user);
        batch.BatchCommands.Add(row);
        var end = 0;
        for (var i = 0; i < passages.Length; i++)
        {
            var passage = passages[i];
            var command = new NpgsqlBatchCommand("""
                INSERT INTO document_passages (id, organization_id, document_id, position, heading, page, start_offset, end_offset, content, language)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::regconfig)
                """);
            var start = passage.Start ?? end;
            end = start + passage.Content.Length;
            Add(command, Guid.CreateVersion7(), organization, document, i, passage.Heading, passage.Page, start, end, passage.Content, passage.Language);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
        return document;

        static void Add(NpgsqlBatchCommand command, params object?[] values)
        {
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
