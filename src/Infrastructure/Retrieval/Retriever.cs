using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>Finds the passages for a question: the same code for a turn and for <c>/api/search</c>.</summary>
internal static class Retriever
{
    // The question's words are alternatives, not conditions: people ask in sentences. Each counts for as much as it is rare (the logarithm
    // is BM25's), so that "AI" and "act" decide nothing among pages that all have them; how often and where it stands counts by ts_rank,
    // whose weights are those of content, nothing, heading and title, in this order. Every word is looked up in the GIN index.
    private const string Lexical = """
        WITH words AS (
            SELECT quote_literal(lexeme)::tsquery AS word FROM unnest(to_tsvector('english', $1))
        ), weighted AS (
            SELECT word, ln(1 + (passages - holding + 0.5) / (holding + 0.5)) AS weight
            FROM words, (SELECT count(*) AS passages FROM knowledge_base_passages) AS total,
                 LATERAL (SELECT count(*) AS holding FROM knowledge_base_passages WHERE search @@ word) AS found
        )
        SELECT id, page, title, heading, position, content, sum(weight * ts_rank('{0.4, 0, 0.5, 0.6}', search, word))::real AS score
        FROM weighted JOIN knowledge_base_passages ON search @@ word
        GROUP BY id
        ORDER BY score DESC, id
        LIMIT $2
        """;

    /// <summary>Passages that share words with the question, best first.</summary>
    public static async Task<IReadOnlyList<Passage>> FindAsync(TenantTransaction transaction, string question, int limit, CancellationToken cancellationToken)
    {
        var found = await transaction.ListAsync(Lexical, [question, limit], static row => new Passage(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetString(5), row.GetFloat(6), Shared: true), cancellationToken);
        var best = found.Count > 0 ? found[0].Score : 1;
        return found.ConvertAll(passage => passage with { Score = Math.Min(1, passage.Score / Math.Max(best, 0.3)) });
    }
}
