using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Documents;

/// <summary>A document's name is that of its file: as a person may have chosen it, so it can be personal.</summary>
internal static class DocumentName
{
    /// <summary>As the content of an entry, under the key of who uploaded it: erasing that person takes the name out of the log.</summary>
    /// <returns>Null when the person's key is gone.</returns>
    public static async Task<byte[]?> SealAsync(string name, SubjectKeys keys, TenantTransaction transaction, Guid uploader, Guid entry, CancellationToken cancellationToken) =>
        await keys.ForAsync(transaction, uploader, entry, cancellationToken) is { } key
            ? SubjectKeys.Seal(key, entry, Encoding.UTF8.GetBytes($$"""{"name":"{{JsonEncodedText.Encode(name)}}"}"""))
            : null;
}
