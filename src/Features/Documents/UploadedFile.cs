using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LexCustis.Features.Documents;

internal enum UploadOutcome
{
    Read,
    Missing,
    Several,
    Malformed,
    TooLarge,
}

/// <summary>
/// The one file of a multipart body, put on disk as it comes: memory does not grow with it. The file on disk has no name, so it goes with this
/// object, and with the process if that is killed.
/// </summary>
internal sealed class UploadedFile : IAsyncDisposable
{
    public const string Field = "file";

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

    /// <summary>As the client sent it.</summary>
    public string Name { get; private set; } = "";

    public byte[] Sha256 { get; private set; } = [];

    /// <returns>Null when the request is no <c>multipart/form-data</c>.</returns>
    public static string? BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is >= 1 and <= LongestBoundary ? boundary : null;
    }

    /// <summary>Reads the body to its end.</summary>
    public async Task<UploadOutcome> ReadAsync(string boundary, Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(boundary, body, BufferLength);
        var outcome = UploadOutcome.Missing;
        while (true)
        {
            MultipartSection? section;
            try
            {
                section = await reader.ReadNextSectionAsync(cancellationToken);
            }
            catch (Exception failure) when (IsMalformed(failure))
            {
                return UploadOutcome.Malformed;
            }

            if (section is null)
                return outcome;
            if (NameOf(section) is not { } name)
                continue;
            if (outcome != UploadOutcome.Missing)
                return UploadOutcome.Several;
            Name = name;
            outcome = await KeepAsync(section.Body, maxBytes, cancellationToken);
            if (outcome != UploadOutcome.Read)
                return outcome;
        }
    }

    public ValueTask DisposeAsync() => Content.DisposeAsync();

    /// <returns>The file's name; null for any other part.</returns>
    private static string? NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var part) || HeaderUtilities.RemoveQuotes(part.Name) != Field)
            return null;
        var name = HeaderUtilities.RemoveQuotes(part.FileNameStar.Length > 0 ? part.FileNameStar : part.FileName);
        return name.Length > 0 ? name.ToString() : null;
    }

    private async Task<UploadOutcome> KeepAsync(Stream part, long maxBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferLength];
        while (true)
        {
            int read;
            try
            {
                read = await part.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception failure) when (IsMalformed(failure))
            {
                return UploadOutcome.Malformed;
            }

            if (read == 0)
                break;
            if (Content.Length + read > maxBytes)
                return UploadOutcome.TooLarge;
            hash.AppendData(buffer, 0, read);
            await Content.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        Sha256 = hash.GetHashAndReset();
        return UploadOutcome.Read;
    }

    /// <summary>A body that ends too soon, or headers of a part past all bounds; not what the web server says of the whole body.</summary>
    private static bool IsMalformed(Exception failure) => failure is InvalidDataException or (IOException and not BadHttpRequestException);
}
