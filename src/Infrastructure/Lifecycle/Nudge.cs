namespace LexCustis.Infrastructure.Lifecycle;

/// <summary>
/// Tells a worker of this server that there is something to do, so that it need not be asleep until its next round. Of one waiter; nudges that
/// come while it is at work count as one.
/// </summary>
internal sealed class Nudge
{
    private volatile TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send() => sent.TrySetResult();

    /// <returns>Whether there was a nudge, now or since the last return; else the time is over.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var awaited = sent.Task;
        await awaited.WaitAsync(atMost, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!awaited.IsCompleted)
            return false;
        // Before the waiter looks: what is sent from now on may be of something that it will not see.
        sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return true;
    }
}
