using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>Finds the passages for a question: the same code for a turn and for <c>/api/search</c>.</summary>
internal static class Retriever
{
    // The question's words are alternatives, not conditions: people ask in sentences. Rank counts how close together they stand (cover density)
    // and how often; 1 divides by the logarithm of the length, 32 maps the result into [0, 1).
    private const string Lexical = """
        WITH question AS (
            SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS query FROM unnest(to_tsvector('english', $1))
        )
        SELECT id, page, title, heading, position, content,
               ts_rank('{0.1, 0.2, 0.6, 1.0}', search, query, 1 | 32) + ts_rank_cd('{0.1, 0.2, 0.6, 1.0}', search, query, 1 | 32) AS score
        FROM knowledge_base_passages, question
        WHERE search @@ query
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
