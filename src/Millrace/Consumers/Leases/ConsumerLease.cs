using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The time during which this node alone works on a consumer, as far as it knows; the storage refuses what it writes
/// beyond.
/// </summary>
internal sealed class ConsumerLease(ConsumerRecord record) : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _yielding = new();

    /// <summary>Goes with every commit, so that a later holder's work is never overwritten.</summary>
    public long Epoch { get; } = record.LeaseEpoch;

    /// <summary>The checkpoint at which the work begins; null when none was ever stored.</summary>
    public long? Checkpoint { get; } = record.Checkpoint;

    /// <summary>When it was last taken or renewed, by this node's stopwatch. Used by the keeper alone.</summary>
    public required long RenewedAt { get; set; }

    /// <summary>When it was asked to end, by this node's stopwatch; null while it is not. Used by the keeper
    /// alone.</summary>
    public long? YieldsSince { get; private set; }

    /// <summary>Cancelled when another node is to go on: the batch in hand is finished first.</summary>
    public CancellationToken Yielding => _yielding.Token;

    /// <summary>Cancelled when the lease is lost: what is in hand is dropped.</summary>
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
