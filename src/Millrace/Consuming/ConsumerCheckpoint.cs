using Millrace.Consuming.Leases;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>The stored checkpoint of a consumer under one lease. Each commit moves it
/// together with the effects.</summary>
internal sealed class ConsumerCheckpoint(
    Consumer consumer, EventStore store, ConsumerLease lease, CancellationToken abort)
{
    private long? _value = lease.Checkpoint;

    /// <summary>Gets a value indicating whether a checkpoint is stored.</summary>
    public bool IsStored => _value is not null;

    /// <summary>Gets the position of the checkpoint; 0 when none is stored.</summary>
    public long Position => _value ?? 0;

    /// <summary>Commits effects and dead letters, and moves the checkpoint.</summary>
    /// <param name="effects">The effects; null for none.</param>
    /// <param name="position">The new position of the checkpoint.</param>
    /// <param name="deadLetters">The changed dead letters.</param>
    public async ValueTask Commit(
        ConsumerEffects? effects, long position, IReadOnlyList<DeadLetterChange> deadLetters)
    {
        var request = new CommitRequest
        {
            Documents = effects?.Documents ?? [],
            Statements = effects?.Statements ?? [],
            DeadLetters = deadLetters,
            Checkpoint = new CheckpointMove(consumer.Name, consumer.Share.Partition, lease.Epoch, _value, position),
        };
        var outcome = await store.TryCommit(request, isBackground: true, abort).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
        _value = position;
    }
}
