namespace LexCustis.Infrastructure.Llm;

/// <summary>How long an upstream may take; passing any of these is <see cref="UpstreamFailure.Timeout"/>.</summary>
internal sealed record LlmTimeouts
{
    /// <summary>For the TCP connection and the TLS handshake together.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the request to the first frame, then between frames until one carries text.</summary>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Between two frames once text has come. Frames without text count, because a model that thinks sends them for minutes;
    /// comments and single bytes don't, because a dead upstream's proxy can send those forever.
    /// </summary>
    public TimeSpan BetweenTokens { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the request to the end of the answer.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);
}
