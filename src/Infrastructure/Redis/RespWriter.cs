using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace LexCustis.Infrastructure.Redis;

/// <summary>One word of a command: text (sent as UTF-8), a number (sent as decimal text), or bytes as they are.</summary>
internal readonly struct RespArgument
{
    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _bytes;

    private RespArgument(string? text, ReadOnlyMemory<byte> bytes) => (_text, _bytes) = (text, bytes);

    public int ByteCount => _text is null ? _bytes.Length : Encoding.UTF8.GetByteCount(_text);

    public static implicit operator RespArgument(string text) => new(text, default);

    public static implicit operator RespArgument(long number) => new(number.ToString(), default);

    public static implicit operator RespArgument(ReadOnlyMemory<byte> bytes) => new(text: null, bytes);

    public void CopyTo(IBufferWriter<byte> output)
    {
        if (_text is null) output.Write(_bytes.Span);
        else Encoding.UTF8.GetBytes(_text, output);
    }
}

/// <summary>Writes commands as the protocol wants them from clients: a list of bulk strings.</summary>
internal static class RespWriter
{
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<RespArgument> command)
    {
        WriteHeader(output, (byte)'*', command.Length);
        foreach (var argument in command)
        {
            WriteHeader(output, (byte)'$', argument.ByteCount);
            argument.CopyTo(output);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteHeader(IBufferWriter<byte> output, byte type, int number)
    {
        var span = output.GetSpan(16);
        span[0] = type;
        Utf8Formatter.TryFormat(number, span[1..], out var digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        output.Advance(digits + 3);
    }
}
