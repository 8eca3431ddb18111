using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The time during which this node alone works on a consumer, as far as it knows; the storage refuses what it writes beyond.
/// </summary>
internal sealed class ConsumerLease(ConsumerRecord record) : IDisposable
{
    private readonly CancellationTokenSource _lost = new();

    /// <summary>Goes with every commit, so that a later holder's work is never overwritten.</summary>
    public long Epoch { get; } = record.LeaseEpoch;

    /// <summary>The checkpoint at which the work begins; null when none was ever stored.</summary>
    public long? Checkpoint { get; } = record.Checkpoint;

    /// <summary>Until when it holds without being renewed. Used by the keeper alone.</summary>
    public DateTimeOffset Until { get; set; } = record.LeaseUntil;

    /// <summary>Cancelled when the lease is lost: what is in hand is dropped.</summary>
    public CancellationToken Lost => _lost.Token;

    public void Lose() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();
}
