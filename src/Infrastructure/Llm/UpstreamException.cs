namespace LexCustis.Infrastructure.Llm;

internal enum UpstreamFailure
{
    /// <summary>4xx other than 429: the request, the model's name or the key is wrong.</summary>
    Rejected,

    /// <summary>429; <see cref="UpstreamException.RetryAfter"/> says when, if the provider did.</summary>
    RateLimited,

    /// <summary>5xx, or no connection.</summary>
    Unavailable,

    /// <summary>No answer, or no next piece, within the limit.</summary>
    Timeout,

    /// <summary>A frame that is not what the protocol promises.</summary>
    Malformed,

    /// <summary>The stream ended before it said that it was done.</summary>
    Cut,
}

/// <summary>A provider failed. The message names provider and cause, is fit for the user, and carries no key and no prompt text.</summary>
internal sealed class UpstreamException(UpstreamFailure failure, string message, int? status = null, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    public UpstreamFailure Failure { get; } = failure;

    /// <summary>The upstream's HTTP status, where there was one.</summary>
    public int? Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
