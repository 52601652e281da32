using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Llm;

namespace LexCustis.Tests.Infrastructure.Llm;

public sealed class ServerSentEventReaderTests
{
    [Theory]
    [InlineData("data: a\n\n", "a")]
    [InlineData("data:a\r\rdata:  b\r\r", "a| b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "a|b")]
    [InlineData("data: a\ndata: b\ndata\n\n", "a\nb\n")]
    [InlineData("data\n\n", "")]
    [InlineData(": comment\nid: 7\nevent: x\nretry: 1\ndata: a\nunknown: y\n\n", "a")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: a\n\n\uFEFFdata: b\n\n", "a")]
    [InlineData("data: a\n\n\n\n\n: b\n\ndata: c\n\n", "a|c")]
    [InlineData("Data: a\n\n data: b\n\ndata : c\n\ndata: d\n\n", "d")]
    public async Task Reads_as_the_standard_says(string stream, string events) =>
        Assert.Equal(events.Split('|'), await ReadAsync(Encoding.UTF8.GetBytes(stream)));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData(": only a comment\n\n")]
    [InlineData("data: no blank line\n")]
    [InlineData("data: no line end")]
    [InlineData("event: without data\n\n")]
    public async Task Gives_no_event_without_data_or_blank_line(string stream) => Assert.Empty(await ReadAsync(Encoding.UTF8.GetBytes(stream)));

    [Fact]
    public async Task Does_not_wait_for_the_line_feed_after_a_carriage_return()
    {
        var reader = new ServerSentEventReader(new ChunkedStream("data: a\r\r"u8.ToArray(), [9], hangsAtEnd: true));
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a"u8, reader.Data);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task A_line_may_be_as_long_as_the_limit(int lineAndEnd, bool fits)
    {
        var stream = $"data:{new string('x', lineAndEnd - 6)}\n\n";
        if (fits)
            Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(stream), limit: 64));
        else
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Encoding.UTF8.GetBytes(stream), limit: 64));
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public async Task An_event_may_be_as_large_as_the_limit(int lines, bool fits)
    {
        // Each line adds nine bytes and a line feed between lines: six make 59, seven 69.
        var stream = string.Concat(Enumerable.Repeat("data:123456789\n", lines)) + "\n";
        if (fits)
            Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(stream), limit: 64));
        else
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Encoding.UTF8.GetBytes(stream), limit: 64));
    }

    [Fact]
    public async Task A_line_without_end_is_given_up_at_the_limit()
    {
        var endless = new ChunkedStream(Encoding.UTF8.GetBytes(new string('x', 1 << 21)), [4096]);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new ServerSentEventReader(endless).ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ServerSentEventReader.DefaultLimit, endless.Position);
    }

    [Fact]
    public void Any_events_in_any_chunks_read_the_same()
    {
        var property = Prop.ForAll(Transcripts.ToArbitrary(), transcript =>
        {
            var read = ReadAsync(transcript.Bytes, transcript.ChunkSizes).GetAwaiter().GetResult();
            return read.SequenceEqual(transcript.Events);
        });
        Check.One(Deterministic, property);
    }

    [Fact]
    public void Any_bytes_end_without_a_crash()
    {
        var property = Prop.ForAll<byte[]>(bytes =>
        {
            var whole = ReadAsync(bytes).GetAwaiter().GetResult();
            return whole.SequenceEqual(ReadAsync(bytes, [1]).GetAwaiter().GetResult());
        });
        Check.One(Deterministic, property);
    }

    private static Config Deterministic => Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20260801, 1);

    private static Gen<Transcript> Transcripts
    {
        get
        {
            var text = Gen.Elements("a", ":", " ", "é", "€", "𝄞", "data", "\uFEFF", "\t", "{\"x\":1}", "\u2028").ArrayOf().Select(string.Concat);
            var end = Gen.Elements("\n", "\r", "\r\n");
            var noise = Gen.OneOf(
                text.Select(t => ":" + t),
                text.Select(t => "event: " + t),
                text.Select(t => "id:" + t),
                Gen.Constant("retry: 10"));
            var dataLine = text.Select(t => (Line: "data: " + t, Data: (string?)t));
            var line = Gen.OneOf(dataLine, dataLine, noise.Select(n => (Line: n, Data: (string?)null)));
            var eventLines = from lines in line.ListOf()
                             from lineEnd in end
                                 // Not a line feed after a carriage return: that would be one line end, and no blank line.
                             from blank in lineEnd == "\r" ? Gen.Elements("\r", "\r\n") : end
                             select (Wire: string.Concat(lines.Select(l => l.Line + lineEnd)) + blank, Data: lines.Where(l => l.Data is not null).Select(l => l.Data!).ToList());
            return from events in eventLines.ListOf()
                   from mark in Gen.Elements("", "\uFEFF")
                   from tail in Gen.Elements("", "data: unfinished", "data: unfinished\n", ": bye")
                   from sizes in Gen.Choose(1, 7).NonEmptyListOf()
                   select new Transcript(
                       Encoding.UTF8.GetBytes(mark + string.Concat(events.Select(e => e.Wire)) + tail),
                       [.. sizes],
                       [.. events.Where(e => e.Data.Count > 0).Select(e => string.Join('\n', e.Data))]);
        }
    }

    private static async Task<List<string>> ReadAsync(byte[] bytes, IReadOnlyList<int>? chunkSizes = null, int limit = ServerSentEventReader.DefaultLimit)
    {
        var reader = new ServerSentEventReader(new ChunkedStream(bytes, chunkSizes ?? [int.MaxValue]), limit);
        var events = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            events.Add(Encoding.UTF8.GetString(reader.Data));
        return events;
    }

    private sealed record Transcript(byte[] Bytes, IReadOnlyList<int> ChunkSizes, IReadOnlyList<string> Events);

    /// <summary>Gives its bytes in pieces of the sizes named, over and over.</summary>
    private sealed class ChunkedStream(byte[] bytes, IReadOnlyList<int> sizes, bool hangsAtEnd = false) : Stream
    {
        private int _reads;
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => bytes.Length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var length = Math.Min(Math.Min(count, sizes[_reads++ % sizes.Count]), bytes.Length - _position);
            bytes.AsSpan(_position, length).CopyTo(buffer.AsSpan(offset));
            _position += length;
            return length;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (hangsAtEnd && _position == bytes.Length)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            var copy = new byte[buffer.Length];
            var length = Read(copy, 0, copy.Length);
            copy.AsMemory(0, length).CopyTo(buffer);
            return length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
