using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Zip;

/// <summary>
/// Writes a zip archive forwards only (PKWARE's APPNOTE 6.3.10), so that memory does not grow with it: each file is deflated as it comes and
/// followed by its sizes (a data descriptor). Nothing in it depends on when or where it was made. Its comment is the SHA-256 of every byte
/// before the comment, so that a changed byte is noticed wherever it stands, also where no file's content is concerned.
/// </summary>
internal sealed class ZipStream(PipeWriter output, CancellationToken clientGone) : IDisposable
{
    public const string SealPrefix = "sha256:";
    public const int SealLength = 7 + 64;

    private const ushort DescriptorFollows = 1 << 3;
    private const ushort Deflated = 8;

    /// <summary>1 January 1980, the first day that the format knows.</summary>
    private const ushort FirstDay = (1 << 5) | 1;

    /// <summary>Made on Unix, a regular file that all may read.</summary>
    private const ushort MadeByUnix = 3 << 8;
    private const uint ReadableFile = 0x81A4_0000;

    private const ushort VersionPlain = 20;
    private const ushort Version64 = 45;

    private readonly Sink sink = new(output, clientGone);
    private readonly List<Entry> entries = [];

    /// <summary>Adds a file.</summary>
    /// <param name="name">ASCII, with <c>/</c> between folders.</param>
    /// <param name="maybeLarge">Whether it may pass 4 GB, which has to be said before it is known.</param>
    /// <returns>The file's size and SHA-256.</returns>
    public async Task<(long Size, byte[] Sha256)> AddAsync(string name, bool maybeLarge, Func<Stream, Task> write)
    {
        var offset = sink.Position;
        var nameBytes = Encoding.ASCII.GetBytes(name);
        WriteLocalHeader(nameBytes, maybeLarge);

        var begin = sink.Position;
        using var content = new Content();
        await using (var deflate = new DeflateStream(sink, CompressionLevel.Fastest, leaveOpen: true))
        {
            content.Target = deflate;
            await write(content);
        }

        var entry = new Entry(nameBytes, offset, content.Checksum, sink.Position - begin, content.Length, maybeLarge);
        if (!maybeLarge && (entry.Compressed > uint.MaxValue || entry.Size > uint.MaxValue))
            throw new InvalidOperationException($"{name} is larger than 4 GB.");
        WriteDescriptor(entry);
        await sink.FlushAsync(clientGone);
        entries.Add(entry);
        return (content.Length, content.Hash());
    }

    /// <summary>Writes the directory and the seal. Nothing may follow.</summary>
    public async Task FinishAsync()
    {
        var directory = sink.Position;
        foreach (var entry in entries)
        {
            WriteDirectoryEntry(entry);
            await sink.FlushAsync(clientGone);
        }

        WriteEnd(directory, sink.Position - directory);
        var seal = $"{SealPrefix}{Convert.ToHexStringLower(sink.HashSoFar())}";
        sink.Write(Encoding.ASCII.GetBytes(seal));
        await sink.FlushAsync(clientGone);
    }

    public void Dispose() => sink.Dispose();

    private void WriteLocalHeader(byte[] name, bool large)
    {
        var header = new Fields(30 + name.Length + 20);
        header.U32(0x04034b50).U16(large ? Version64 : VersionPlain).U16(DescriptorFollows).U16(Deflated).U16(0).U16(FirstDay).U32(0);
        // With the 64-bit extra field, whose sizes are not known yet either, the descriptor's sizes have 64 bits.
        header.U32(large ? uint.MaxValue : 0).U32(large ? uint.MaxValue : 0).U16((ushort)name.Length).U16((ushort)(large ? 20 : 0)).Bytes(name);
        if (large)
            header.U16(1).U16(16).U64(0).U64(0);
        sink.Write(header.Written);
    }

    private void WriteDescriptor(Entry entry)
    {
        var descriptor = new Fields(24).U32(0x08074b50).U32(entry.Checksum);
        if (entry.Large)
            descriptor.U64(entry.Compressed).U64(entry.Size);
        else
            descriptor.U32((uint)entry.Compressed).U32((uint)entry.Size);
        sink.Write(descriptor.Written);
    }

    private void WriteDirectoryEntry(Entry entry)
    {
        var beyond = entry.Compressed >= uint.MaxValue || entry.Size >= uint.MaxValue || entry.Offset >= uint.MaxValue;
        var version = entry.Large || beyond ? Version64 : VersionPlain;
        var header = new Fields(46 + entry.Name.Length + 28);
        header.U32(0x02014b50).U16((ushort)(MadeByUnix | version)).U16(version).U16(DescriptorFollows).U16(Deflated).U16(0).U16(FirstDay).U32(entry.Checksum);
        header.U32(beyond ? uint.MaxValue : (uint)entry.Compressed).U32(beyond ? uint.MaxValue : (uint)entry.Size);
        header.U16((ushort)entry.Name.Length).U16((ushort)(beyond ? 28 : 0)).U16(0).U16(0).U16(0).U32(ReadableFile).U32(beyond ? uint.MaxValue : (uint)entry.Offset).Bytes(entry.Name);
        if (beyond)
            header.U16(1).U16(24).U64(entry.Size).U64(entry.Compressed).U64(entry.Offset);
        sink.Write(header.Written);
    }

    private void WriteEnd(long directory, long length)
    {
        var end = new Fields(56 + 20 + 22);
        var beyond = directory >= uint.MaxValue || length >= uint.MaxValue || entries.Count >= ushort.MaxValue;
        if (beyond)
        {
            var position = sink.Position;
            end.U32(0x06064b50).U64(44).U16(MadeByUnix | Version64).U16(Version64).U32(0).U32(0).U64(entries.Count).U64(entries.Count).U64(length).U64(directory);
            end.U32(0x07064b50).U32(0).U64(position).U32(1);
        }

        var count = beyond ? ushort.MaxValue : (ushort)entries.Count;
        end.U32(0x06054b50).U16(0).U16(0).U16(count).U16(count).U32(beyond ? uint.MaxValue : (uint)length).U32(beyond ? uint.MaxValue : (uint)directory).U16(SealLength);
        sink.Write(end.Written);
    }

    private sealed record Entry(byte[] Name, long Offset, uint Checksum, long Compressed, long Size, bool Large);

    /// <summary>Little-endian numbers, one after the other.</summary>
    private sealed class Fields(int capacity)
    {
        private readonly byte[] bytes = new byte[capacity];
        private int length;

        public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

        public Fields U16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(length), value);
            length += 2;
            return this;
        }

        public Fields U32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(length), value);
            length += 4;
            return this;
        }

        public Fields U64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(length), value);
            length += 8;
            return this;
        }

        public Fields Bytes(ReadOnlySpan<byte> value)
        {
            value.CopyTo(bytes.AsSpan(length));
            length += value.Length;
            return this;
        }
    }

    /// <summary>What a file's writer writes to: counts and hashes what goes to the deflater.</summary>
    private sealed class Content : ForwardStream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly Crc32 checksum = new();

        public Stream Target { get; set; } = Null;

        public override long Length => length;

        public uint Checksum => checksum.Value;

        private long length;

        public byte[] Hash() => hash.GetHashAndReset();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Count(buffer);
            Target.Write(buffer);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Count(buffer.Span);
            return Target.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }

        private void Count(ReadOnlySpan<byte> buffer)
        {
            length += buffer.Length;
            hash.AppendData(buffer);
            checksum.Append(buffer);
        }
    }

    /// <summary>The archive's bytes on their way out: hashed, and held back while the client does not read.</summary>
    private sealed class Sink(PipeWriter output, CancellationToken clientGone) : ForwardStream
    {
        /// <summary>Bytes after which the client is waited for; what deflating buffers comes on top.</summary>
        private const int FlushAfter = 64 * 1024;

        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private int unflushed;
        private long position;

        public override long Position
        {
            get => position;
            set => throw new NotSupportedException();
        }

        public byte[] HashSoFar() => hash.GetCurrentHash();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            output.Write(buffer);
            position += buffer.Length;
            unflushed += buffer.Length;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            if (unflushed >= FlushAfter)
                await FlushAsync(cancellationToken);
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            unflushed = 0;
            var result = await output.FlushAsync(clientGone);
            if (result.IsCompleted || result.IsCanceled)
                throw new ClientGoneException();
        }

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
