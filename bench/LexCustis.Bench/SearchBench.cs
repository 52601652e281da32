using System.Diagnostics;
using System.Globalization;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Vectors;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Bench;

/// <summary>
/// The search by words over 100,000 passages of one organization (2,000 documents of 50 passages, 230 words each, drawn by Zipf's law from 60,000 made-up
/// words), and what storing them costs: the statement is the worker's, so the index and the word counts are kept as it goes.
/// </summary>
internal static class SearchBench
{
    private const int Documents = 2_000;
    private const int PassagesPerDocument = 50;
    private const int WordsPerPassage = 230;
    private const int Questions = 400;

    private static readonly string[] Syllables = "ka to mi ren sol ba ver din pal ost ur gen lim no ter al qui pra den fo zel mar cor tu sen vik".Split(' ');
    private static readonly Random Random = new(5);

    public static async Task RunAsync()
    {
        var environment = EnvironmentReader.OfProcess;
        await using var owner = PostgresServices.Open(Settings.ReadDatabase(environment, Settings.MigrationDatabaseVariable));
        await using var source = PostgresServices.Open(Settings.ReadDatabase(environment, Settings.DatabaseVariable));
        var (organization, user) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await ExecuteAsync(owner, "INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Bench', now())", organization);
        await ExecuteAsync(owner, "INSERT INTO users (id, organization_id, email, role, password_hash, created_at) VALUES ($1, $2, 'bench@example.org', 'admin', '', now())", user, organization);

        var words = Enumerable.Range(0, 200_000).Select(static _ => string.Concat(Enumerable.Range(0, Random.Next(2, 6)).Select(static _ => Syllables[Random.Next(Syllables.Length)]))).Distinct().Take(60_000).ToArray();
        var sums = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
            sums[i] = (i > 0 ? sums[i - 1] : 0) + (1.0 / (i + 5));
        string Word() => words[Math.Min(words.Length - 1, Array.BinarySearch(sums, Random.NextDouble() * sums[^1]) is var at && at < 0 ? ~at : at)];

        var database = new TenantDatabase(source);
        var texts = Enumerable.Range(0, 5_000).Select(_ => string.Join(' ', Enumerable.Range(0, WordsPerPassage).Select(_ => Word()))).ToArray();
        var watch = Stopwatch.StartNew();
        for (var document = 0; document < Documents; document++)
            await StoreAsync(database, organization, user, document, [.. Enumerable.Range(0, PassagesPerDocument).Select(_ => Mix(texts))]);
        var passages = (double)Documents * PassagesPerDocument;
        Say($"stored {passages:N0} passages in {Documents:N0} documents, one after another, without a model: {Documents / watch.Elapsed.TotalSeconds:N1} documents/s, {passages / watch.Elapsed.TotalSeconds:N0} passages/s");
        await ExecuteAsync(owner, "ANALYZE document_passages");

        var settings = RetrievalSettings.Read(environment) with { Model = null };
        using var embeddings = new Embeddings(settings);
        var retriever = new Retriever(database, embeddings, new ExactVectorStore(database, source, settings.VectorMemory), settings, TimeProvider.System, NullLogger<Retriever>.Instance);
        foreach (var length in new[] { 3, 8, 16 })
        {
            var (whole, words_) = (new List<double>(), new List<double>());
            for (var question = 0; question < Questions; question++)
            {
                var text = string.Join(' ', Enumerable.Range(0, length).Select(_ => Word()));
                var start = Stopwatch.GetTimestamp();
                await using (var transaction = await database.BeginAsync(organization, CancellationToken.None))
                    await LexicalSearch.FindAsync(transaction, text, 50, CancellationToken.None);
                var between = Stopwatch.GetTimestamp();
                await retriever.FindForTurnAsync(organization, text, CancellationToken.None);
                if (question < Questions / 10)
                    continue; // warm-up
                words_.Add(Stopwatch.GetElapsedTime(start, between).TotalMilliseconds);
                whole.Add(Stopwatch.GetElapsedTime(between).TotalMilliseconds);
            }

            words_.Sort();
            whole.Sort();
            Say($"questions of {length} words: by words p50 {words_[words_.Count / 2]:N1} ms, p95 {words_[words_.Count * 95 / 100]:N1} ms; with fusion and the passages read p50 {whole[whole.Count / 2]:N1} ms, p95 {whole[whole.Count * 95 / 100]:N1} ms");
        }
    }

    /// <summary>Half of one text and half of another: as many different passages as are wanted, at no cost beside the database's.</summary>
    private static string Mix(string[] texts)
    {
        var (one, other) = (texts[Random.Next(texts.Length)], texts[Random.Next(texts.Length)]);
        return string.Concat(one.AsSpan(0, one.Length / 2), other.AsSpan(other.Length / 2));
    }

    private static async Task StoreAsync(TenantDatabase database, Guid organization, Guid user, int number, string[] texts)
    {
        var document = Guid.CreateVersion7();
        await using var transaction = await database.BeginAsync(organization, CancellationToken.None);
        await transaction.ExecuteAsync("""
            INSERT INTO documents (id, organization_id, name, media_type, size, sha256, uploaded_by, uploaded_at, status) VALUES ($1, $2, $3, 'text/plain', 1, sha256($3::bytea), $4, now(), 'ready')
            """, [document, organization, $"document {number}.txt", user], CancellationToken.None);
        await transaction.ExecuteAsync("""
            INSERT INTO document_passages (organization_id, document_id, id, position, heading, start_offset, end_offset, content, language)
            SELECT $1, $2, id, position, '', 0, 1, content, 'english' FROM unnest($3::uuid[], $4::integer[], $5::text[]) AS passage (id, position, content)
            """, [organization, document, texts.Select(static _ => Guid.CreateVersion7()).ToArray(), Enumerable.Range(0, texts.Length).ToArray(), texts], CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteNonQueryAsync();
    }

    private static void Say(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
