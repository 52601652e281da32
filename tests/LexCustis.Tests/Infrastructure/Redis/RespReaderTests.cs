using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Redis;

namespace LexCustis.Tests.Infrastructure.Redis;

public sealed class RespReaderTests
{
    private static readonly Gen<RespReply> s_replies = Gen.Sized(size => ReplyOf(Math.Min(size, 40), depth: 5));

    private static readonly Gen<string> s_line =
        Gen.Choose(' ', '~').Select(i => (char)i).ArrayOf().Select(characters => new string(characters));

    [Fact]
    public void Any_replies_in_any_chunks_read_as_what_was_written() => Check.One(
        Seeded(500),
        Prop.ForAll(s_replies.ListOf(3).ToArbitrary(), Gen.Choose(1, 17).ListOf(8).ToArbitrary(), (replies, sizes) =>
        {
            var bytes = replies.SelectMany(Encode).ToArray();
            var read = ReadAll(Chunks(bytes, sizes)).SelectMany(Encode).ToArray();
            return bytes.AsSpan().SequenceEqual(read);
        }));

    [Fact]
    public void A_cut_reply_is_never_taken_for_a_whole_one() => Check.One(
        Seeded(500),
        Prop.ForAll(s_replies.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (reply, seed) =>
        {
            var bytes = Encode(reply);
            var length = 1 + (seed % (bytes.Length - 1));
            Assert.Throws<RedisProtocolException>(() => ReadAll([bytes.AsMemory(0, length)]));
        }));

    [Fact]
    public void Garbage_ends_in_replies_or_the_protocol_error() => Check.One(
        Seeded(2000),
        Prop.ForAll(Garbage().ToArbitrary(), Gen.Choose(1, 9).ListOf(8).ToArbitrary(), (bytes, sizes) =>
        {
            try
            {
                ReadAll(Chunks(bytes, sizes));
            }
            catch (RedisProtocolException)
            {
            }
        }));

    [Theory]
    [InlineData("+OK\r\n", "Simple { Text = OK }")]
    [InlineData("+\r\n", "Simple { Text =  }")]
    [InlineData(":-42\r\n", "Integer { Value = -42 }")]
    [InlineData("$-1\r\n", "Nil { }")]
    [InlineData("*-1\r\n", "Nil { }")]
    public void Reads_the_simple_forms(string wire, string shown) => Assert.Equal(shown, Assert.Single(ReadAll([Encoding.UTF8.GetBytes(wire)])).ToString());

    [Fact]
    public void Names_the_code_of_an_error()
    {
        var error = Assert.IsType<RespReply.Error>(Assert.Single(ReadAll(["-LOADING Redis is loading\r\n"u8.ToArray()])));

        Assert.Equal(("LOADING", "LOADING Redis is loading"), (error.Code, error.Text));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("%1\r\n+a\r\n+b\r\n")]
    [InlineData(":\r\n")]
    [InlineData(":12a\r\n")]
    [InlineData(":99999999999999999999\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$3\r\nabcd\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("$16777217\r\n")]
    [InlineData("*2147483647\r\n")]
    [InlineData("*9223372036854775807\r\n")]
    [InlineData("\r\n")]
    public void Refuses_what_is_no_reply_as_soon_as_it_shows(string wire)
    {
        // The stream stays open: the refusal must not wait for more.
        var pipe = new Pipe();
        pipe.Writer.Write(Encoding.UTF8.GetBytes(wire));
        Assert.True(pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);

        var read = new RespReader(pipe.Reader).ReadAsync(CancellationToken.None).AsTask();
        Assert.True(read.IsFaulted);
        Assert.IsType<RedisProtocolException>(read.Exception!.InnerException);
    }

    [Fact]
    public void Bounds_depth_line_and_whole()
    {
        var deepest = string.Concat(Enumerable.Repeat("*1\r\n", RespReader.MaxDepth));
        Assert.Single(ReadAll([Encoding.UTF8.GetBytes(deepest + ":1\r\n")]));
        Assert.Throws<RedisProtocolException>(() => ReadAll([Encoding.UTF8.GetBytes(deepest + "*1\r\n:1\r\n")]));

        Assert.Single(ReadAll([Encoding.UTF8.GetBytes("+" + new string('x', RespReader.MaxLine) + "\r\n")]));
        Assert.Throws<RedisProtocolException>(() => ReadAll([Encoding.UTF8.GetBytes("+" + new string('x', RespReader.MaxLine + 2))]));

        // Each bulk string is fine; two of them in one reply are not.
        var half = (RespReader.MaxReply / 2) + 1;
        var bulk = Encode(new RespReply.Bulk(new byte[half]));
        Assert.Equal(2, ReadAll([bulk, bulk]).Count);
        Assert.Throws<RedisProtocolException>(() => ReadAll(["*2\r\n"u8.ToArray(), bulk, bulk]));
    }

    [Fact]
    public void Commands_are_lists_of_bulk_strings()
    {
        var output = new ArrayBufferWriter<byte>();
        RespWriter.Write(output, ["SET", "clé", -7, new ReadOnlyMemory<byte>([0, 13, 10])]);

        Assert.Equal("*4\r\n$3\r\nSET\r\n$4\r\nclé\r\n$2\r\n-7\r\n$3\r\n\0\r\n\r\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    /// <summary>The same cases in every run.</summary>
    private static Config Seeded(int cases) => Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20260802, 1);

    private static List<RespReply> ReadAll(IEnumerable<ReadOnlyMemory<byte>> chunks)
    {
        var reader = new RespReader(PipeReader.Create(new ChunkedStream(chunks)));
        var replies = new List<RespReply>();
        while (true)
        {
            var read = reader.ReadAsync(CancellationToken.None);
            Assert.True(read.IsCompleted, "All bytes are there, so nothing may wait.");
            if (read.AsTask().GetAwaiter().GetResult() is not { } reply) return replies;
            replies.Add(reply);
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Chunks(byte[] bytes, List<int> sizes)
    {
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Count], bytes.Length - at);
            yield return bytes.AsMemory(at, size);
            at += size;
        }
    }

    private static Gen<RespReply> ReplyOf(int size, int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Constant(RespReply.Null),
            s_line.Select(RespReply (text) => new RespReply.Simple(text)),
            s_line.Select(RespReply (text) => new RespReply.Error(text)),
            Gen.Choose(int.MinValue, int.MaxValue).Select(RespReply (i) => new RespReply.Integer(i * 4_294_967_296L)),
            Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().Select(RespReply (bytes) => new RespReply.Bulk(bytes)));
        if (depth == 0 || size == 0) return leaf;
        var list = Gen.Choose(0, 4).SelectMany(count => ReplyOf(size / 2, depth - 1).ListOf(count))
            .Select(RespReply (items) => new RespReply.List([.. items]));
        return Gen.OneOf(leaf, list);
    }

    /// <summary>Bytes that look like the protocol often enough to get past its first check.</summary>
    private static Gen<byte[]> Garbage() => Gen.OneOf(
        Gen.Elements("+-:$*019\r\n "u8.ToArray()).ArrayOf(),
        Gen.Elements("*1\r\n", "*2\r\n", "$1\r\n", "$-1\r\n", "+", ":1\r\n", "x\r\n", "\r\n", "\r", "-ERR").ListOf(12).Select(parts => Encoding.ASCII.GetBytes(string.Concat(parts))),
        Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf());

    private static byte[] Encode(RespReply reply) => reply switch
    {
        RespReply.Simple(var text) => Encoding.UTF8.GetBytes($"+{text}\r\n"),
        RespReply.Error(var text) => Encoding.UTF8.GetBytes($"-{text}\r\n"),
        RespReply.Integer(var value) => Encoding.UTF8.GetBytes($":{value}\r\n"),
        RespReply.Bulk(var bytes) => [.. Encoding.UTF8.GetBytes($"${bytes.Length}\r\n"), .. bytes.Span, 13, 10],
        RespReply.List(var items) => [.. Encoding.UTF8.GetBytes($"*{items.Count}\r\n"), .. items.SelectMany(Encode)],
        _ => [.. "$-1\r\n"u8],
    };

    /// <summary>Gives one chunk a read.</summary>
    private sealed class ChunkedStream(IEnumerable<ReadOnlyMemory<byte>> chunks) : Stream
    {
        private readonly Queue<ReadOnlyMemory<byte>> _chunks = new(chunks);
        private ReadOnlyMemory<byte> _current;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_current.IsEmpty && !_chunks.TryDequeue(out _current)) return ValueTask.FromResult(0);
            var size = Math.Min(buffer.Length, _current.Length);
            _current[..size].CopyTo(buffer);
            _current = _current[size..];
            return ValueTask.FromResult(size);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
