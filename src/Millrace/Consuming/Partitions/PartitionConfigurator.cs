using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Consuming.Partitions;

/// <summary>
/// Divides consumers in the store as this node's options specify. Divides each consumer once, so that nodes with
/// different options do not alternate during a rolling update. Until that succeeds, it is tried at every check.
/// </summary>
internal sealed class PartitionConfigurator(EventStore store, ConsumerOptions options, ILogger logger)
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    // The last state in which no consumer had to be divided.
    private (IReadOnlyList<Consumer> Consumers, IReadOnlyList<ConsumerRecord> Records)? _lastUnchanged;

    /// <summary>
    /// Divides the consumers that should and can be divided. Returns true when the store has changed.
    /// </summary>
    public async ValueTask<bool> Apply(
        IReadOnlyList<Consumer> consumers, LeaseTable table, CancellationToken cancellationToken)
    {
        if (_lastUnchanged is { } seen
            && ReferenceEquals(seen.Consumers, consumers)
            && ReferenceEquals(seen.Records, table.Consumers))
            return false;
        var hasChanged = false;
        var stored = table.Consumers.ToLookup(record => record.Consumer, StringComparer.Ordinal);
        foreach (var consumer in consumers)
        {
            // All partitions of a consumer request the same number.
            if (consumer.Share.Partition == 0 && ConfiguredPartitionsOf(consumer) is { } requested)
                hasChanged |= await Apply(consumer.Name, requested, [.. stored[consumer.Name]], cancellationToken)
                    .ConfigureAwait(false);
        }
        _lastUnchanged = hasChanged ? null : (consumers, table.Consumers);
        return hasChanged;
    }

    private int? ConfiguredPartitionsOf(Consumer consumer) =>
        consumer.Processor.CanBeDivided ? options.PartitionsOf(consumer.Name) : 1;

    private async ValueTask<bool> Apply(
        string consumer, int requested, List<ConsumerRecord> stored, CancellationToken cancellationToken)
    {
        var currentCount = Math.Max(1, stored.Count);
        if (currentCount == requested)
            _done.Add(consumer);
        // A consumer without records has never run, so no other node has divided it.
        if (currentCount == requested || (stored.Count > 0 && _done.Contains(consumer)))
            return false;
        if (ObstacleToPartitioning(requested, stored) is { } obstacle)
        {
            if (_reported.Add(consumer))
                ConsumerLog.CannotDivide(logger, consumer, currentCount, requested, obstacle);
            return false;
        }
        if (!await store.Storage.Leases.Divide(consumer, requested, cancellationToken).ConfigureAwait(false))
            return false; // Another node has changed the state. The next check reads it again.
        _done.Add(consumer);
        ConsumerLog.Divided(logger, consumer, currentCount, requested);
        return true;
    }

    /// <summary>
    /// Returns the reason why the store would refuse the division; null if there is none. The store is then not asked
    /// at every check.
    /// </summary>
    private static string? ObstacleToPartitioning(int requested, List<ConsumerRecord> stored)
    {
        if (stored.Count == 0)
            return null;
        if (stored.Exists(record => record.OpenDeadLetters > 0))
            return "it has open dead letters; decide about them first";
        var mustBeAtSamePosition =
            requested % stored.Count != 0 && stored.Exists(record => record.Checkpoint != stored[0].Checkpoint);
        return mustBeAtSamePosition
            ? "its partitions are at different positions, which allows only a multiple of "
                + $"{stored.Count}. They reach the same position when nothing is appended for a moment, or when its "
                + "read model is rebuilt"
            : null;
    }
}
