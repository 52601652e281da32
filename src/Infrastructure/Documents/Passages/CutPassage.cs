namespace LexCustis.Infrastructure.Documents.Passages;

/// <summary>A passage as it was cut: <c>text[Start..End]</c> is its content.</summary>
/// <param name="Heading">The headings above it, outermost first, joined by " › "; empty at the document's top.</param>
/// <param name="Page">1-based; null for a format without pages.</param>
/// <param name="Language">A text search configuration of PostgreSQL.</param>
internal sealed record CutPassage(int Position, string Heading, int? Page, int Start, int End, string Content, string Language);
