using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>A piece of a document that retrieval found for a question, best first in any list of them.</summary>
/// <param name="Id">Names the passage for as long as its document is unchanged, e.g. <c>kb/article-50#2</c> or a UUID.</param>
/// <param name="Document">The document's name: a knowledge base page such as <c>kb/article-50</c>, or the uploaded file's id.</param>
/// <param name="Title">The document's title, as people know it.</param>
/// <param name="Heading">The headings above the passage, outermost first, joined by " › "; empty at the document's top.</param>
/// <param name="Position">0-based ordinal of the passage in its document.</param>
/// <param name="Text">The passage itself, plain text or Markdown without headings.</param>
/// <param name="Score">Relevance, comparable within one result list only, in (0, 1].</param>
/// <param name="Shared">True when it comes from the shared knowledge base, false when from the organization's own documents.</param>
internal sealed record Passage(string Id, string Document, string Title, string Heading, int Position, string Text, double Score, bool Shared)
{
    /// <summary>1-based page of its first character; null where the format has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Page { get; init; }

    /// <summary>Where it begins in the document's extracted text, in UTF-16 code units; null for the knowledge base.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Start { get; init; }

    /// <summary>Where it ends.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? End { get; init; }
}

/// <summary>What retrieval found, and what it had to do without.</summary>
/// <param name="Degraded">Empty when every way of searching that this server has was searched.</param>
internal sealed record Retrieved(IReadOnlyList<Passage> Passages, IReadOnlyList<RetrievalTrouble> Degraded)
{
    public static Retrieved Nothing { get; } = new([], []);
}

/// <summary>A way of searching that failed or was too slow: the others' results stand.</summary>
/// <param name="Reason"><c>embedding</c>, <c>vector_store</c>, <c>vectors_missing</c> or <c>lexical</c>; recorded with a turn.</param>
/// <param name="Message">For people: what happened and what it means for the sources.</param>
internal sealed record RetrievalTrouble(string Reason, string Message)
{
    public static RetrievalTrouble Embedding { get; } = new("embedding", "The question could not be compared by meaning: the sources were found by words alone.");

    public static RetrievalTrouble VectorStore { get; } = new("vector_store", "The vector store did not answer: the sources were found by words alone.");

    public static RetrievalTrouble VectorsMissing { get; } = new("vectors_missing", "Some documents have no vectors of the current embedding model yet: they were searched by words alone.");

    /// <param name="reason">As <c>missing_vectors.reason</c> has it.</param>
    public static RetrievalTrouble OfDocument(string reason) => new(reason, reason switch
    {
        "embedding" => "Found by its words alone for now: the embedding model cannot be used. Whoever runs the server finds the reason in its log.",
        "vector_store" => "Found by its words alone for now: the vector store did not answer. It is tried again by itself.",
        _ => "Found by its words alone for now: its vectors are being written.",
    });

    public static RetrievalTrouble Lexical { get; } = new("lexical", "The search by words failed or took too long: sources may be missing.");
}
