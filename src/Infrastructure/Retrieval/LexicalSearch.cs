using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>A passage that a way of searching found: enough to fuse, not yet to show.</summary>
/// <param name="Id">A document's passage; null for the knowledge base's.</param>
/// <param name="Page">The knowledge base's passage, e.g. <c>kb/article-50#2</c>; null for a document's.</param>
internal readonly record struct Candidate(Guid? Id, string? Page, double Score);

/// <summary>PostgreSQL's full-text search over the organization's documents and the knowledge base.</summary>
internal static class LexicalSearch
{
    /// <summary>Beyond this a text is no question: its beginning and its end are searched for.</summary>
    private const int LongestQuestion = 4_000;

    // Each language that the documents are in analyses the question; how many passages have each word comes along.
    private const string Words = """
        SELECT language::text, word.lexeme, word.positions[1]::integer, coalesce(known.passages, 0), statistics.passages
        FROM passage_statistics AS statistics, unnest(statistics.languages) AS language, unnest(to_tsvector(language, $2)) AS word
        LEFT JOIN passage_words AS known ON known.organization_id = $1 AND known.lexeme = word.lexeme
        WHERE statistics.organization_id = $1
        """;

    // The question's words are alternatives, not conditions: people ask in sentences. Each counts for as much as it is rare (the logarithm
    // is BM25's), so that "AI" and "act" decide nothing among pages that all have them; how often and where it stands counts by ts_rank,
    // whose weights are those of content, nothing, heading and title, in this order. Every word is looked up in the GIN index.
    private const string KnowledgeBase = """
        WITH words AS (
            SELECT quote_literal(lexeme)::tsquery AS word FROM unnest(to_tsvector('english', $1)) LIMIT 64
        ), weighted AS (
            SELECT word, ln(1 + (passages - holding + 0.5) / (holding + 0.5)) AS weight
            FROM words, (SELECT count(*) AS passages FROM knowledge_base_passages) AS total,
                 LATERAL (SELECT count(*) AS holding FROM knowledge_base_passages WHERE search @@ word) AS found
        )
        SELECT id, (sum(weight * ts_rank('{0.4, 0, 0.5, 0.6}', search, word)) / (SELECT sum(weight) FROM weighted))::double precision AS score
        FROM weighted JOIN knowledge_base_passages ON search @@ word
        GROUP BY id
        ORDER BY score DESC, id
        LIMIT $2
        """;

    /// <summary>Passages that share words with the question, best first: the score says what share of the question's weight a passage holds.</summary>
    public static async Task<List<Candidate>> FindAsync(TenantTransaction transaction, string question, int limit, CancellationToken cancellationToken)
    {
        var asked = question.Length <= LongestQuestion ? question : string.Concat(question.AsSpan(0, LongestQuestion / 2), " ", question.AsSpan(question.Length - (LongestQuestion / 2)));
        var found = await FindInDocumentsAsync(transaction, asked, limit, cancellationToken);
        found.AddRange(await transaction.ListAsync(KnowledgeBase, [$"{asked} {Glossary.InEnglish(asked)}", limit], static row => new Candidate(null, row.GetString(0), row.GetDouble(1)), cancellationToken));
        // Stable, so that equals keep their order.
        return [.. found.OrderByDescending(static candidate => candidate.Score).Take(limit)];
    }

    private static async Task<List<Candidate>> FindInDocumentsAsync(TenantTransaction transaction, string question, int limit, CancellationToken cancellationToken)
    {
        var passages = 0L;
        var lexemes = await transaction.ListAsync(Words, [transaction.OrganizationId, question], row =>
        {
            passages = row.GetInt64(4);
            return new Lexeme(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3));
        }, cancellationToken);
        var words = new QuestionWords(lexemes, passages);
        if (words.Wanted is not { } wanted)
            return [];
        return await transaction.ListAsync("SELECT id, score FROM rank_passages($1::text::tsquery, $2::text[]::tsquery[], $3, $4, $5)",
            [wanted, words.Queries, words.Weights, QuestionWords.Candidates, limit],
            row => new Candidate(row.GetGuid(0), null, row.GetFloat(1) / words.Weight), cancellationToken);
    }
}
