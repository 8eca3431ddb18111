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
    /// The lease epoch. Each commit contains it, so that the work of a later holder is never overwritten.
    /// </summary>
    public long Epoch { get; } = record.LeaseEpoch;

    /// <summary>The checkpoint at which the run starts; null if no checkpoint was ever stored.</summary>
    public long? Checkpoint { get; } = record.Checkpoint;

    /// <summary>The time of the last renewal, by this node's stopwatch. Used only by the lease coordinator.</summary>
    public required long RenewedAt { get; set; }

    /// <summary>
    /// The time at which the lease was asked to end, by this node's stopwatch; null when it was not. Used only by the
    /// lease coordinator.
    /// </summary>
    public long? YieldsSince { get; private set; }

    /// <summary>Canceled when another node is to continue. The current batch is finished first.</summary>
    public CancellationToken Yielding => _yielding.Token;

    /// <summary>Canceled when the lease is lost. Unfinished work is dropped.</summary>
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
