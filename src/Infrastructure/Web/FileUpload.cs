using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LexCustis.Infrastructure.Web;

/// <summary>The one file of a multipart/form-data body, read into memory and never to disk.</summary>
/// <param name="Name">As the client calls it, without its path.</param>
/// <param name="MediaType">What the client says it is: to be shown, not believed.</param>
internal sealed record FileUpload(string Name, string MediaType, byte[] Bytes)
{
    private const int NameLimit = 255;

    /// <summary>Other parts are ignored.</summary>
    /// <param name="limit">Bytes of the file; the route carries <see cref="FileSizeLimit"/> of the same.</param>
    /// <exception cref="BadHttpRequestException">415: no multipart body; 413: too large.</exception>
    public static async Task<(FileUpload? File, string? Wrong)> ReadAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("A file comes as multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70)
            return (null, "Send multipart/form-data with a boundary of 1 to 70 characters.");

        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader() is not { } disposition || HeaderUtilities.RemoveQuotes(disposition.Name) != "file")
                    continue;
                if (ReadName(disposition) is not { } name)
                    return (null, $"Give the part a filename of 1 to {NameLimit} characters.");
                var bytes = await ReadBytesAsync(section.Body, limit, cancellationToken);
                return bytes.Length == 0 ? (null, "The file is empty.") : (new FileUpload(name, MediaTypeOf(section.ContentType), bytes), null);
            }

            return (null, "Send the file in a part named file.");
        }
        catch (Exception malformed) when (malformed is IOException and not BadHttpRequestException or InvalidDataException)
        {
            return (null, "The body is not whole, or not the multipart/form-data that it says it is.");
        }
    }

    private static async Task<byte[]> ReadBytesAsync(Stream body, long limit, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (bytes.Length + read > limit)
                throw new BadHttpRequestException("The file is too large.", StatusCodes.Status413PayloadTooLarge);
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    /// <returns>Null for a name that is missing, too long, or that nothing could keep.</returns>
    private static string? ReadName(ContentDispositionHeaderValue disposition)
    {
        var given = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
        // Some browsers sent whole paths.
        var name = given[(given.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return name.Length is > 0 and <= NameLimit && !name.Any(char.IsControl) && !name.Any(char.IsSurrogate) ? name : null;
    }

    private static string MediaTypeOf(string? given) =>
        MediaTypeHeaderValue.TryParse(given, out var type) && type.MediaType.Length <= 100 ? type.MediaType.ToString().ToLowerInvariant() : "application/octet-stream";
}

/// <summary>Lets a route take a larger body than the others: a file, and what multipart/form-data puts around it.</summary>
internal sealed class FileSizeLimit(long file) : IRequestSizeLimitMetadata
{
    private const long Around = 64 << 10;

    public long? MaxRequestBodySize => file + Around;
}
