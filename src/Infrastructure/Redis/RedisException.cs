namespace LexCustis.Infrastructure.Redis;

/// <summary>Redis did not do what was asked, for any reason. No message carries a password.</summary>
internal abstract class RedisException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// No reply: not connected, connection lost, or out of time. A command that was already sent may have run, or may still run;
/// nothing tells, so nothing is retried here.
/// </summary>
internal sealed class RedisUnavailableException(string message, Exception? inner = null) : RedisException(message, inner);

/// <summary>The server replied with an error, e.g. <c>-LOADING …</c>; the command had no effect unless it is a script that failed midway.</summary>
internal sealed class RedisErrorException(RespReply.Error error) : RedisException(error.Text)
{
    /// <summary>The reply's first word: <c>ERR</c>, <c>NOSCRIPT</c>, <c>LOADING</c>, <c>READONLY</c>, <c>OOM</c>, …</summary>
    public string Code { get; } = error.Code;
}

/// <summary>The other side does not speak RESP2, or its reply passes a bound. The connection cannot be used any further.</summary>
internal sealed class RedisProtocolException(string message) : RedisException(message);
