namespace LexCustis.Infrastructure.Documents;

/// <summary>What uploaded documents may cost.</summary>
/// <param name="MaxBytes">Of one file.</param>
/// <param name="StorageBytes">Of all files of an organization together.</param>
/// <param name="MaxPages">Of one document; a format without pages counts <see cref="CharactersPerPage"/> characters as one.</param>
/// <param name="Workers">Documents that this server indexes at once; 0 leaves that to other servers.</param>
/// <param name="PdfTimeout">How long reading one PDF may take.</param>
internal sealed record DocumentSettings(int MaxBytes, long StorageBytes, int MaxPages, int Workers, TimeSpan PdfTimeout)
{
    /// <summary>Several times what a printed page holds.</summary>
    public const int CharactersPerPage = 5_000;

    /// <summary>Characters (UTF-16 code units) of extracted text: the bound of all memory that reading a document takes.</summary>
    public int MaxCharacters => MaxPages * CharactersPerPage;
}
