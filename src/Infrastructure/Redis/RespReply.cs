using System.Text;

namespace LexCustis.Infrastructure.Redis;

/// <summary>One reply of the RESP2 protocol.</summary>
internal abstract record RespReply
{
    /// <summary>The null bulk string and the null array, which no command here needs to tell apart.</summary>
    public static readonly RespReply Null = new Nil();

    public sealed record Nil : RespReply;

    /// <summary>A short status line such as <c>OK</c>.</summary>
    public sealed record Simple(string Text) : RespReply;

    /// <summary>An error line, without its leading minus.</summary>
    public sealed record Error(string Text) : RespReply
    {
        public string Code => Text.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? Text[..end] : Text;
    }

    public sealed record Integer(long Value) : RespReply;

    /// <summary>A string of any bytes.</summary>
    public sealed record Bulk(ReadOnlyMemory<byte> Bytes) : RespReply
    {
        public string Text => Encoding.UTF8.GetString(Bytes.Span);
    }

    public sealed record List(IReadOnlyList<RespReply> Items) : RespReply;
}
