using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Infrastructure.Zip;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Zip;

public sealed class ZipStreamTests
{
    [Fact]
    public async Task Others_can_read_it()
    {
        var random = new byte[300_000];
        new Random(7).NextBytes(random);
        Dictionary<string, byte[]> files = new() { ["a.txt"] = "one"u8.ToArray(), ["folder/empty"] = [], ["large.bin"] = random };
        var archive = await MakeAsync(files);
        Assert.Equal(archive, await MakeAsync(files));

        using (var zip = new ZipArchive(new MemoryStream(archive)))
        {
            Assert.Equal(files.Keys, zip.Entries.Select(static entry => entry.FullName));
            foreach (var entry in zip.Entries)
            {
                using var copy = new MemoryStream();
                using var content = entry.Open();
                await content.CopyToAsync(copy, TestContext.Current.CancellationToken);
                Assert.Equal(files[entry.FullName], copy.ToArray());
                Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime);
            }
        }

        // Python's reader checks headers against the directory, and every checksum.
        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, archive, TestContext.Current.CancellationToken);
        var python = await Programs.RunAsync("python3", ["-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()), z.comment.decode()[:7])", path]);
        File.Delete(path);
        Assert.Equal((0, "None 3 sha256:\n", ""), python);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(archive[..^71])), Encoding.ASCII.GetString(archive[^64..]));
    }

    [Fact]
    public async Task A_reader_that_waits_makes_the_writer_wait()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
        var random = new byte[1 << 20];
        new Random(11).NextBytes(random);
        var written = 0L;
        using var zip = new ZipStream(pipe.Writer, CancellationToken.None);
        var writing = Task.Run(async () =>
        {
            await zip.AddAsync("random.bin", maybeLarge: true, async output =>
            {
                for (var round = 0; round < 24; round++)
                {
                    await output.WriteAsync(random);
                    Interlocked.Add(ref written, random.Length);
                }
            });
            await zip.FinishAsync();
            await pipe.Writer.CompleteAsync();
        }, TestContext.Current.CancellationToken);

        var read = 0L;
        while (true)
        {
            var result = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            // What is on its way: the pipe's threshold, a block of the deflater's, and the block that is being written.
            Assert.InRange(result.Buffer.Length, 0, 3 << 20);
            Assert.InRange(Interlocked.Read(ref written) - read - result.Buffer.Length, long.MinValue, 3 << 20);
            read += result.Buffer.Length;
            pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }

        await writing;
        // What cannot be compressed grows a little.
        Assert.InRange(read, 24 << 20, 27 << 20);
    }

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void The_checksum_is_the_known_one(string text, uint expected)
    {
        var checksum = new Crc32();
        foreach (var part in Encoding.ASCII.GetBytes(text).Chunk(5))
            checksum.Append(part);
        Assert.Equal(expected, checksum.Value);
    }

    private static async Task<byte[]> MakeAsync(Dictionary<string, byte[]> files)
    {
        using var memory = new MemoryStream();
        var writer = PipeWriter.Create(memory);
        using var zip = new ZipStream(writer, CancellationToken.None);
        foreach (var (name, content) in files)
        {
            var (size, sha256) = await zip.AddAsync(name, maybeLarge: name.StartsWith("large", StringComparison.Ordinal), output => output.WriteAsync(content).AsTask());
            Assert.Equal((content.LongLength, Convert.ToHexString(SHA256.HashData(content))), (size, Convert.ToHexString(sha256)));
        }

        await zip.FinishAsync();
        return memory.ToArray();
    }
}
