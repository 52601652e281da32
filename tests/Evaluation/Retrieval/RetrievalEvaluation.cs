using System.Text.Json;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Vectors;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Evaluation.Retrieval;

/// <summary>
/// How often retrieval brings the right passage: recall among the first five, and nDCG over the first ten. By words, by meaning and by both where
/// LEXCUSTIS_EMBEDDINGS_DIR names a model, by words alone where not. On the knowledge base's questions a right page counts; on the company's documents,
/// which share the organization with the knowledge base, the one right passage.
/// </summary>
internal static class RetrievalEvaluation
{
    public static async Task RunAsync(string folder, bool explain)
    {
        var environment = EnvironmentReader.OfProcess;
        await using var owner = PostgresServices.Open(Settings.ReadDatabase(environment, Settings.MigrationDatabaseVariable));
        await Migrator.RunAsync(owner, static _ => { }, CancellationToken.None);
        var organization = Guid.CreateVersion7();
        var questions = await FillAsync(owner, organization, Path.Combine(folder, "data", "retrieval.txt"));
        questions.AddRange(ReadKnowledgeBaseQuestions(Path.Combine(folder, "kb-questions.jsonl"), Path.Combine(folder, "kb-questions-unseen.jsonl")));

        await using var source = PostgresServices.Open(Settings.ReadDatabase(environment, Settings.DatabaseVariable));
        var settings = RetrievalSettings.Read(environment) with { Qdrant = null, Timeout = TimeSpan.FromMinutes(10) };
        var database = new TenantDatabase(source);
        var store = new ExactVectorStore(database, source, settings.VectorMemory);
        using var none = new Embeddings(settings with { Model = null });
        using var embeddings = new Embeddings(settings);
        await MeasureAsync("lexical", questions, explain, Make(none));
        if (!embeddings.Enabled)
        {
            Print.Line("LEXCUSTIS_EMBEDDINGS_DIR is not set: nothing is said of retrieval by meaning");
            return;
        }

        var vectors = new PassageVectors(database, embeddings, store);
        await using (var transaction = await database.BeginAsync(organization, CancellationToken.None))
        {
            foreach (var document in await transaction.ListAsync("SELECT id FROM documents WHERE organization_id = $1", [organization], static row => row.GetGuid(0), CancellationToken.None))
                await vectors.WriteAsync(organization, document, static (_, _) => Task.CompletedTask, CancellationToken.None);
        }

        using var pages = new KnowledgeBaseVectors(source, embeddings, store, settings, TimeProvider.System, NullLogger<KnowledgeBaseVectors>.Instance);
        await pages.WriteAsync(CancellationToken.None);
        await MeasureAsync("dense", questions, explain, text => DenseAsync(source, store, embeddings, organization, text));
        await MeasureAsync("fused", questions, explain, Make(embeddings));

        Func<string, Task<List<Found>>> Make(Embeddings model)
        {
            var retriever = new Retriever(database, model, store, settings, TimeProvider.System, NullLogger<Retriever>.Instance);
            return async text =>
            {
                var found = await retriever.FindAsync(organization, text, 10, CancellationToken.None);
                if (found.Degraded.Count > 0)
                    throw new InvalidOperationException(found.Degraded[0].Message);
                return [.. found.Passages.Select(static passage => new Found(passage.Shared ? passage.Document["kb/".Length..] : passage.Title, passage.Shared ? null : passage.Heading))];
            };
        }
    }

    private static async Task<List<Found>> DenseAsync(NpgsqlDataSource source, ExactVectorStore store, Embeddings embeddings, Guid organization, string text)
    {
        var model = await embeddings.LoadAsync(CancellationToken.None);
        var vector = await embeddings.EmbedQuestionAsync(text, CancellationToken.None);
        var hits = new List<VectorHit>();
        foreach (var space in new[] { new VectorSpace(organization, model), new VectorSpace(null, model) })
            hits.AddRange(await store.SearchAsync(space, vector, 10, CancellationToken.None));
        await using var transaction = await new TenantDatabase(source).BeginAsync(organization, CancellationToken.None);
        var known = (await transaction.ListAsync("""
            SELECT passage.id, document.name, passage.heading FROM document_passages AS passage JOIN documents AS document ON document.id = passage.document_id WHERE passage.organization_id = $1
            UNION ALL SELECT vector_id, substr(page, 4), NULL FROM knowledge_base_passages
            """, [organization], static row => (Id: row.GetGuid(0), Found: new Found(row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2))), CancellationToken.None))
            .ToDictionary(static row => row.Id, static row => row.Found);
        return [.. hits.OrderByDescending(static hit => hit.Similarity).Take(10).Select(hit => known[hit.Id])];
    }

    private static async Task MeasureAsync(string way, List<Question> questions, bool explain, Func<string, Task<List<Found>>> find)
    {
        foreach (var set in questions.GroupBy(static question => question.Set, StringComparer.Ordinal))
        {
            var (recall, gain) = (0.0, 0.0);
            foreach (var question in set)
            {
                // A page that comes by two of its passages comes once.
                var ranks = (await find(question.Text)).Distinct().Select((found, rank) => (Right: question.Right.Contains(found), rank)).Where(static one => one.Right).Select(static one => one.rank).ToList();
                recall += ranks.Exists(static rank => rank < 5) ? 1 : 0;
                var ideal = Enumerable.Range(0, Math.Min(10, question.Right.Count)).Sum(static rank => 1 / Math.Log2(rank + 2));
                gain += ranks.Where(static rank => rank < 10).Sum(static rank => 1 / Math.Log2(rank + 2)) / ideal;
                if (explain && !ranks.Exists(static rank => rank < 5))
                    Print.Line($"{way} {set.Key}: {question.Text}");
            }

            Print.Eval($"retrieval_{set.Key}_{way}_recall_at_5", recall / set.Count());
            Print.Eval($"retrieval_{set.Key}_{way}_ndcg_at_10", gain / set.Count());
        }
    }

    // The unseen ones ask what an English question asks, and its pages are right for them.
    private static List<Question> ReadKnowledgeBaseQuestions(string path, string unseen)
    {
        var seen = Read(path).ToDictionary(static line => line.GetProperty("id").GetString()!, static line => new Question(
            $"kb_{line.GetProperty("language").GetString()}", line.GetProperty("question").GetString()!,
            [.. (line.TryGetProperty("pages", out var pages) ? pages.EnumerateArray().Select(static page => page.GetString()!) : [line.GetProperty("page").GetString()!]).Select(static page => new Found(page, null))]),
            StringComparer.Ordinal);
        return [.. seen.Values, .. Read(unseen).Select(line => seen[line.GetProperty("as").GetString()!] with
        {
            Set = $"kb_{line.GetProperty("language").GetString()}_unseen",
            Text = line.GetProperty("question").GetString()!,
        })];

        static IEnumerable<JsonElement> Read(string path) => File.ReadLines(path).Select(static line => JsonDocument.Parse(line).RootElement);
    }

    /// <summary>Makes the organization with its documents, as the schema's owner.</summary>
    private static async Task<List<Question>> FillAsync(NpgsqlDataSource owner, Guid organization, string path)
    {
        var questions = new List<Question>();
        var user = Guid.CreateVersion7();
        await ExecuteAsync(owner, "INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Evaluation', now())", organization);
        await ExecuteAsync(owner, "INSERT INTO users (id, organization_id, email, role, password_hash, created_at) VALUES ($1, $2, $3, 'admin', '', now())", user, organization, $"{user}@example.org");
        var (document, name, language, heading, position, offset) = (Guid.Empty, "", "", "", 0, 0);
        foreach (var line in File.ReadLines(path).Skip(2).Where(static line => line.Length > 0))
        {
            switch (line)
            {
                case ['=', ' ', .. var rest]:
                    (document, language, name, position, offset) = (Guid.CreateVersion7(), rest[..2], rest[3..], 0, 0);
                    await ExecuteAsync(owner, """
                        INSERT INTO documents (id, organization_id, name, media_type, size, sha256, uploaded_by, uploaded_at, status) VALUES ($1, $2, $3, 'text/markdown', 1, sha256($3::bytea), $4, now(), 'ready')
                        """, document, organization, name, user);
                    break;
                case ['#', '#', ' ', .. var rest]:
                    heading = rest;
                    break;
                case ['?', ' ', .. var text]:
                    questions.Add(new Question($"documents_{language}", text, [new Found(name, heading)]));
                    break;
                default:
                    await ExecuteAsync(owner, """
                        INSERT INTO document_passages (id, organization_id, document_id, position, heading, start_offset, end_offset, content, language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::regconfig)
                        """, Guid.CreateVersion7(), organization, document, position++, heading, offset, offset += line.Length, line, language switch { "fr" => "french", "de" => "german", _ => "english" });
                    break;
            }
        }

        return questions;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="Passage">The heading of a document's passage; null for a page of the knowledge base.</param>
    private sealed record Found(string Document, string? Passage);

    private sealed record Question(string Set, string Text, List<Found> Right);
}
