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
internal sealed record Passage(string Id, string Document, string Title, string Heading, int Position, string Text, double Score, bool Shared);
