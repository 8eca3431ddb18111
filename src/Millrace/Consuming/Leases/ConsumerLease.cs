using Millrace.Storage;

namespace Millrace.Consuming.Leases;

/// <summary>
/// The right of this node to run a consumer, as far as the node knows. After the lease has expired the storage refuses
/// the node's writes.
/// </summary>
internal sealed class ConsumerLease(ConsumerRecord record) : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _yielding = new();

    /// <summary>
    /// Gets the lease epoch. Each commit contains the epoch, so that the work of a later holder is never overwritten.
    /// </summary>
    public long Epoch { get; } = record.LeaseEpoch;

    /// <summary>Gets the checkpoint at which the run starts; null if no checkpoint was ever stored.</summary>
    public long? Checkpoint { get; } = record.Checkpoint;

    /// <summary>
    /// Gets or sets the time of the last renewal, by this node's stopwatch. Only the lease coordinator uses it.
    /// </summary>
    public required long RenewedAt { get; set; }

    /// <summary>
    /// Gets the time at which the lease coordinator asked the consumer to release the lease, by this node's stopwatch;
    /// null if it did not. Only the lease coordinator uses it.
    /// </summary>
    public long? YieldsSince { get; private set; }

    /// <summary>
    /// Gets a token that is canceled when another node should continue. The current batch is finished first.
    /// </summary>
    public CancellationToken Yielding => _yielding.Token;

    /// <summary>Gets a token that is canceled when the lease is lost. Unfinished work is dropped.</summary>
    public CancellationToken Lost => _lost.Token;

    public void Lose() => _lost.Cancel();

    public void Yield(long now)
    {
        YieldsSince = now;
        _yielding.Cancel();
    }

    public void Dispose()
    {
        _lost.Dispose();
        _yielding.Dispose();
    }
}
