namespace Millrace;

/// <summary>The store's queue stayed full for longer than an append may wait. Nothing was written; try again
/// later.</summary>
public sealed class StoreBusyException(int queuedRequests, long queuedBytes, TimeSpan waited)
    : MillraceException(
        $"The store is busy: {queuedRequests:N0} requests ({queuedBytes:N0} bytes) are queued, and none could be "
            + $"added within "
            + $"{waited.TotalSeconds:0.###} s. Try again later, or raise StoreOptions.MaxQueuedRequests, "
            + $"MaxQueuedBytes or QueueTimeout."
    )
{
    /// <summary>How many requests were queued.</summary>
    public int QueuedRequests { get; } = queuedRequests;

    /// <summary>How many bytes were queued.</summary>
    public long QueuedBytes { get; } = queuedBytes;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
