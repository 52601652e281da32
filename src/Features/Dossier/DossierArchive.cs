using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Zip;

namespace LexCustis.Features.Dossier;

/// <summary>The dossier's files as they are added, with their sizes and hashes for the manifest that ends it.</summary>
internal sealed class DossierArchive(ZipStream zip)
{
    public const string Format = "lexcustis-dossier/v1";

    /// <summary>Small files are written for people too.</summary>
    private static readonly JsonWriterOptions Indented = new() { Encoder = PlainJsonEncoder.Instance, Indented = true, NewLine = "\n" };

    private readonly List<(string Name, long Size, byte[] Sha256)> files = [];

    public Task AddAsync(string name, byte[] content) => AddAsync(name, maybeLarge: false, output => output.WriteAsync(content).AsTask());

    public Task AddAsync(string name, string text) => AddAsync(name, Encoding.UTF8.GetBytes(text));

    public Task AddAsync(string name, Action<Utf8JsonWriter> write) => AddAsync(name, Json(write));

    /// <summary>A file as long as the log: the writer gets one line after the other.</summary>
    public Task AddLinesAsync(string name, Func<DossierLines, Task> write) => AddAsync(name, maybeLarge: true, async output =>
    {
        using var lines = new DossierLines(output);
        await write(lines);
        await lines.FlushAsync();
    });

    /// <summary>The manifest, its signature, and the archive's end.</summary>
    /// <param name="sign">DER signature of these bytes.</param>
    public async Task FinishAsync(DossierRange range, Func<byte[], Task<byte[]>> sign)
    {
        var manifest = Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("format"u8, Format);
            json.WriteString("product"u8, $"LexCustis {Product.Version}");
            json.WriteString("organization_id"u8, range.Organization);
            json.WriteString("organization"u8, range.Name);
            json.WriteString("from"u8, AuditEncoder.FormatTime(range.From));
            json.WriteString("to"u8, AuditEncoder.FormatTime(range.To));
            json.WriteString("content"u8, range.WithContent ? "included" : "omitted");
            json.WriteNumber("first_sequence"u8, range.First);
            json.WriteNumber("last_sequence"u8, range.Last);
            json.WriteStartArray("files"u8);
            foreach (var (name, size, sha256) in files)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteNumber("size"u8, size);
                json.WriteString("sha256"u8, Convert.ToHexStringLower(sha256));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
        var signature = await sign(manifest);
        await zip.AddAsync("manifest.json", maybeLarge: false, output => output.WriteAsync(manifest).AsTask());
        await zip.AddAsync("manifest.sig", maybeLarge: false, output => output.WriteAsync(signature).AsTask());
        await zip.FinishAsync();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Indented))
            write(json);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private async Task AddAsync(string name, bool maybeLarge, Func<Stream, Task> write)
    {
        var (size, sha256) = await zip.AddAsync(name, maybeLarge, write);
        files.Add((name, size, sha256));
    }
}

/// <summary>Lines of JSON on their way into a file, a buffer at a time.</summary>
internal sealed class DossierLines : IDisposable
{
    private const int FlushAfter = 32 * 1024;

    private static readonly JsonWriterOptions Compact = new() { Encoder = PlainJsonEncoder.Instance };

    private readonly Stream output;
    private readonly ArrayBufferWriter<byte> buffer = new(2 * FlushAfter);
    private readonly Utf8JsonWriter json;

    public DossierLines(Stream output)
    {
        this.output = output;
        json = new Utf8JsonWriter(buffer, Compact);
    }

    public async ValueTask WriteAsync<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        json.Reset(buffer);
        write(json, state);
        json.Flush();
        buffer.Write("\n"u8);
        if (buffer.WrittenCount >= FlushAfter)
            await FlushAsync();
    }

    public async ValueTask FlushAsync()
    {
        await output.WriteAsync(buffer.WrittenMemory);
        buffer.ResetWrittenCount();
    }

    public void Dispose() => json.Dispose();
}
