using System.Reflection;
using Npgsql;
using NpgsqlTypes;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>The shared knowledge base: the pages of <c>kb/</c> as they were when this binary was built.</summary>
internal static class KnowledgeBase
{
    /// <summary>Makes the table hold exactly this binary's pages, inside the caller's transaction.</summary>
    /// <returns>The number of pages written; 0 when the table had them already.</returns>
    public static async Task<int> ReplaceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var passages = ReadPages();
        if (await IsCurrentAsync(connection, passages, cancellationToken))
            return 0;

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM knowledge_base_passages"));
        var insert = new NpgsqlBatchCommand("""
            INSERT INTO knowledge_base_passages (id, page, title, heading, position, content)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[])
            """);
        Add(NpgsqlDbType.Text, passages.ConvertAll(static passage => passage.Id));
        Add(NpgsqlDbType.Text, passages.ConvertAll(static passage => passage.Document));
        Add(NpgsqlDbType.Text, passages.ConvertAll(static passage => passage.Title));
        Add(NpgsqlDbType.Text, passages.ConvertAll(static passage => passage.Heading));
        Add(NpgsqlDbType.Integer, passages.ConvertAll(static passage => passage.Position));
        Add(NpgsqlDbType.Text, passages.ConvertAll(static passage => passage.Text));
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return passages.Select(static passage => passage.Document).Distinct(StringComparer.Ordinal).Count();

        void Add<T>(NpgsqlDbType type, List<T> values) =>
            insert.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>
    /// Cuts a page at its <c>##</c> headings. A page begins with <c># Title</c>; what stands before the first <c>##</c> is a passage without a heading.
    /// </summary>
    /// <param name="page">The page's name, e.g. <c>kb/article-50-transparency</c>.</param>
    internal static List<Passage> Cut(string page, string markdown)
    {
        var passages = new List<Passage>();
        var (title, heading) = (page, "");
        var text = new List<string>();
        foreach (var line in markdown.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
                title = line[2..].Trim();
            else if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                Close();
                heading = line[3..].Trim();
            }
            else
                text.Add(line);
        }

        Close();
        return passages;

        void Close()
        {
            var content = string.Join('\n', text).Trim();
            text.Clear();
            if (content.Length > 0)
                passages.Add(new Passage($"{page}#{passages.Count}", page, title, heading, passages.Count, content, Score: 1, Shared: true));
        }
    }

    private static List<Passage> ReadPages()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var passages = new List<Passage>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(static name => name.StartsWith("kb/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            passages.AddRange(Cut(resource[..^".md".Length], reader.ReadToEnd()));
        }

        return passages;
    }

    private static async Task<bool> IsCurrentAsync(NpgsqlConnection connection, List<Passage> passages, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT id, title, heading, content FROM knowledge_base_passages", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<(string, string, string, string)>();
        while (await reader.ReadAsync(cancellationToken))
            stored.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return stored.SetEquals(passages.Select(static passage => (passage.Id, passage.Title, passage.Heading, passage.Text)));
    }
}
