namespace LexCustis.Infrastructure.Retrieval.Embedding;

internal static class CanonicalComposition
{
    public static string Compose(string text) => text;
}
