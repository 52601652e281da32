using System.IO.Compression;
using System.Net;
using System.Text;

namespace LexCustis.Tests.Harness;

/// <summary>A server that signs, and what tests do with its dossiers.</summary>
public sealed class DossierServer : IAsyncLifetime
{
    private readonly CheckpointFolder folder = new();
    private LexCustisServer? server;

    public LexCustisServer Server => server!;

    public string PublicKeyFile { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        server = await LexCustisServer.StartAsync(folder.Settings());
        PublicKeyFile = Path.Combine(Path.GetDirectoryName(folder.KeyFile)!, "public.pem");
        await File.WriteAllTextAsync(PublicKeyFile, folder.Keys.PublicPem);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>A key that signed nothing.</summary>
    public async Task<string> MakeOtherKeyAsync()
    {
        var path = Path.Combine(Path.GetDirectoryName(PublicKeyFile)!, $"{Guid.NewGuid()}.pem");
        await File.WriteAllTextAsync(path, CheckpointFolder.NewKey());
        return path;
    }

    public async Task<byte[]> DownloadAsync(Api caller, string query = "")
    {
        using var response = await Server.Http.SendAsync(caller.Request(HttpMethod.Get, $"/api/dossier{query}", null));
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(body));
        Assert.Equal("application/zip", response.Content.Headers.ContentType?.MediaType);
        return body;
    }

    /// <summary>The files by name, as text.</summary>
    public static Dictionary<string, string> Unpack(byte[] dossier)
    {
        using var archive = new ZipArchive(new MemoryStream(dossier));
        return archive.Entries.ToDictionary(static entry => entry.FullName, static entry =>
        {
            using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        }, StringComparer.Ordinal);
    }

    /// <summary>The verdict of <c>lexcustis verify-dossier</c>, and of the verify.py that lies in the dossier which <paramref name="program"/> is.</summary>
    /// <param name="key">Null: the key in the dossier.</param>
    public static async Task<(int Native, int Python, string NativeOutput, string PythonOutput)> VerifyAsync(byte[] dossier, string? key, byte[]? program = null)
    {
        var place = Directory.CreateTempSubdirectory("dossier-");
        try
        {
            var (path, script) = (Path.Combine(place.FullName, "dossier.zip"), Path.Combine(place.FullName, "verify.py"));
            await File.WriteAllBytesAsync(path, dossier);
            await File.WriteAllTextAsync(script, Unpack(program ?? dossier)["verify.py"]);
            string[] options = key is null ? [path] : [path, "--public-key", key];
            var native = await Binary.RunAsync(["verify-dossier", .. options], []);
            var python = await Programs.RunAsync("python3", [script, .. options]);
            Assert.Empty(native.Error);
            Assert.Empty(python.Error);
            return (native.ExitCode, python.ExitCode, native.Output, python.Output);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }
}
