using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace LexCustis.Infrastructure.Redis;

/// <summary>
/// Reads RESP2 replies as their bytes come. What was parsed is consumed and remembered, so no chunking makes a reply cost more than
/// linear time; nothing is allocated for a length that was merely announced.
/// </summary>
internal sealed class RespReader(PipeReader input)
{
    /// <summary>Bytes of one whole reply on the wire.</summary>
    public const int MaxReply = 16 * 1024 * 1024;

    /// <summary>Bytes of one line, before its CRLF.</summary>
    public const int MaxLine = 16 * 1024;

    /// <summary>Lists within lists.</summary>
    public const int MaxDepth = 16;

    private const int ShortestElement = 3;
    private const int LongestNumber = 20;

    // The lists that still lack items, the outermost at the bottom.
    private readonly Stack<(List<RespReply> Items, int Count)> _open = [];
    private long _left = MaxReply;

    /// <returns>The next reply, or null when the stream ends between two replies.</returns>
    /// <exception cref="RedisProtocolException">The bytes are not RESP2, pass a bound, or end within a reply.</exception>
    public async ValueTask<RespReply?> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var read = await input.ReadAsync(ct);
            var reply = TryParse(read.Buffer, out var consumed);
            input.AdvanceTo(consumed, reply is null ? read.Buffer.End : consumed);
            if (reply is not null) return reply;
            if (!read.IsCompleted) continue;
            if (_open.Count == 0 && read.Buffer.Slice(consumed).IsEmpty) return null;
            throw new RedisProtocolException("Redis closed the connection in the middle of a reply.");
        }
    }

    private RespReply? TryParse(ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        consumed = reader.Position;
        while (TryReadElement(ref reader, out var element))
        {
            _left -= buffer.Slice(consumed, reader.Position).Length;
            if (_left < 0) throw TooLong();
            consumed = reader.Position;

            // A list that has just been opened is no element yet.
            if (element is null) continue;
            if (TryClose(element) is not { } reply) continue;
            _left = MaxReply;
            return reply;
        }

        return null;
    }

    /// <summary>Puts the element into the innermost open list, and that into the next one where it is thereby full.</summary>
    /// <returns>The whole reply, or null while a list lacks items.</returns>
    private RespReply? TryClose(RespReply element)
    {
        while (_open.TryPeek(out var list))
        {
            list.Items.Add(element);
            if (list.Items.Count < list.Count) return null;
            element = new RespReply.List(_open.Pop().Items);
        }

        return element;
    }

    private bool TryReadElement(ref SequenceReader<byte> reader, out RespReply? element)
    {
        element = null;
        if (!reader.TryRead(out var type)) return false;
        if ("+-:$*"u8.IndexOf(type) < 0)
            throw new RedisProtocolException(string.Create(CultureInfo.InvariantCulture, $"Redis sent byte 0x{type:X2} where a reply begins."));
        if (!TryReadLine(ref reader, out var line)) return false;

        switch (type)
        {
            case (byte)'+':
                element = new RespReply.Simple(Text(line));
                return true;
            case (byte)'-':
                element = new RespReply.Error(Text(line));
                return true;
            case (byte)':':
                element = new RespReply.Integer(Number(line));
                return true;
            case (byte)'$':
                return TryReadBulk(ref reader, Number(line), out element);
            default:
                element = Open(Number(line));
                return true;
        }
    }

    private bool TryReadBulk(ref SequenceReader<byte> reader, long length, out RespReply? element)
    {
        element = length == -1 ? RespReply.Null : null;
        if (element is not null) return true;
        if (length < 0) throw Malformed();
        if (length > _left) throw TooLong();
        if (reader.Remaining < length + 2) return false;

        var bytes = new byte[length];
        reader.TryCopyTo(bytes);
        reader.Advance(length);
        if (!reader.IsNext("\r\n"u8, advancePast: true)) throw Malformed();
        element = new RespReply.Bulk(bytes);
        return true;
    }

    /// <returns>The list where it has no items to wait for, else null.</returns>
    private RespReply? Open(long count)
    {
        if (count == -1) return RespReply.Null;
        if (count < 0) throw Malformed();
        if (count == 0) return new RespReply.List([]);
        if (count > _left / ShortestElement) throw TooLong();
        if (_open.Count == MaxDepth) throw new RedisProtocolException("Redis nested a reply too deeply.");
        _open.Push(([], (int)count));
        return null;
    }

    private static bool TryReadLine(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> line)
    {
        var isWhole = reader.TryReadTo(out line, "\r\n"u8);
        if ((isWhole ? line.Length : reader.Remaining - 1) > MaxLine) throw TooLong();
        return isWhole;
    }

    private static string Text(ReadOnlySequence<byte> line) => Encoding.UTF8.GetString(line);

    private static long Number(ReadOnlySequence<byte> line)
    {
        Span<byte> digits = stackalloc byte[LongestNumber];
        if (line.Length > LongestNumber) throw Malformed();
        digits = digits[..(int)line.Length];
        line.CopyTo(digits);
        return Utf8Parser.TryParse(digits, out long value, out var used) && used == digits.Length ? value : throw Malformed();
    }

    private static RedisProtocolException Malformed() => new("Redis sent a reply that is not RESP2.");

    private static RedisProtocolException TooLong() => new("Redis sent a reply longer than this client accepts.");
}
