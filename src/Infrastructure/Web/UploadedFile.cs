using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LexCustis.Infrastructure.Web;

/// <summary>
/// The one file of a multipart body, put on disk as it comes: memory does not grow with it. The file on disk has no name, so it goes with this
/// object, and with the process if that is killed.
/// </summary>
internal sealed class UploadedFile : IAsyncDisposable
{
    private const string Field = "file";

    private const int BufferLength = 64 * 1024;

    /// <summary>RFC 2046, section 5.1.1.</summary>
    private const int LongestBoundary = 70;

    public UploadedFile()
    {
        // Made with a name of its own, readable by this user alone.
        var path = Path.GetTempFileName();
        Content = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        File.Delete(path);
    }

    /// <summary>Seekable.</summary>
    public FileStream Content { get; }

    public long Size => Content.Length;

    /// <summary>Fit to be kept and shown (<see cref="FileName"/>).</summary>
    public string Name { get; private set; } = "";

    /// <summary>What the client says it is: to be shown, not believed.</summary>
    public string MediaType { get; private set; } = "";

    public byte[] Sha256 { get; private set; } = [];

    /// <summary>Reads the body to its end; parts of other names are passed over.</summary>
    /// <param name="maxBytes">Of the file; the route carries <see cref="FileSizeLimit"/> of the same.</param>
    /// <returns>What to answer where the file could not be read: one of the two, or none.</returns>
    public async Task<(ValidationProblem? Wrong, ProblemHttpResult? Refused)> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return (null, Problems.Make(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Send the file as multipart/form-data, in a part named file."));
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > LongestBoundary)
            return (Wrong($"Send multipart/form-data with a boundary of 1 to {LongestBoundary} characters."), null);
        try
        {
            return await ReadPartsAsync(new MultipartReader(boundary, request.Body, BufferLength), maxBytes, cancellationToken);
        }
        // A body that ends too soon, or headers of a part past all bounds; not what the web server says of the whole body.
        catch (Exception malformed) when (malformed is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            return (Wrong("The body breaks off, or is no multipart/form-data."), null);
        }
    }

    public ValueTask DisposeAsync() => Content.DisposeAsync();

    private async Task<(ValidationProblem? Wrong, ProblemHttpResult? Refused)> ReadPartsAsync(MultipartReader reader, long maxBytes, CancellationToken cancellationToken)
    {
        var found = false;
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var part) || HeaderUtilities.RemoveQuotes(part.Name) != Field)
                continue;
            if (found)
                return (Wrong("Send one file a request."), null);
            found = true;
            if (FileName.Clean(HeaderUtilities.RemoveQuotes(part.FileNameStar.Length > 0 ? part.FileNameStar : part.FileName).ToString()) is not { } name)
                return (Wrong("Give the file a name that people can read."), null);
            Name = name;
            MediaType = MediaTypeOf(section.ContentType);
            if (!await KeepAsync(section.Body, maxBytes, cancellationToken))
                return (null, Problems.Make(StatusCodes.Status413PayloadTooLarge, "Too large", $"The file may have {maxBytes} bytes."));
            if (Size == 0)
                return (Wrong("The file is empty."), null);
        }

        return found ? default : (Wrong("Send the file in a part of this name, with its file name."), null);
    }

    /// <returns>False when it is too large.</returns>
    private async Task<bool> KeepAsync(Stream part, long maxBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferLength];
        while (await part.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (Size + read > maxBytes)
                return false;
            hash.AppendData(buffer, 0, read);
            await WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        Sha256 = hash.GetHashAndReset();
        Content.Position = 0;
        return true;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await Content.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException failure)
        {
            // A full disk is not the client's fault, as a body that breaks off is.
            throw new InvalidOperationException($"The uploaded file can't be kept in {Path.GetTempPath()}.", failure);
        }
    }

    private static string MediaTypeOf(string? given) =>
        MediaTypeHeaderValue.TryParse(given, out var type) && type.MediaType.Length <= 100 ? type.MediaType.ToString().ToLowerInvariant() : "application/octet-stream";

    private static ValidationProblem Wrong(string want) => new RequestCheck().Require(false, Field, want).Problem();
}

/// <summary>Lets a route take a larger body than the others: a file, and what multipart/form-data puts around it.</summary>
internal sealed class FileSizeLimit(long file) : IRequestSizeLimitMetadata
{
    private const long Around = 64 << 10;

    public long? MaxRequestBodySize => file + Around;
}
