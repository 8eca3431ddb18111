namespace Millrace;

/// <summary>
/// Thrown when the store's queue is full for longer than an append may wait. The append wrote nothing and can be
/// repeated later.
/// </summary>
public sealed class StoreBusyException(int queuedRequests, long queuedBytes, TimeSpan waited)
    : MillraceException(
        $"The store is busy: {queuedRequests:N0} requests ({queuedBytes:N0} bytes) are queued, and there was no room "
        + $"for another one within {waited.TotalSeconds:0.###} s. Try again later, or increase "
        + "StoreOptions.MaxQueuedRequests, MaxQueuedBytes or QueueTimeout.")
{
    /// <summary>Gets the number of queued requests.</summary>
    public int QueuedRequests { get; } = queuedRequests;

    /// <summary>Gets the number of queued bytes.</summary>
    public long QueuedBytes { get; } = queuedBytes;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
