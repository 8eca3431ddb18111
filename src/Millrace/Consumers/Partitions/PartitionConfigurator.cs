using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Has consumers divided in the store as the options of this node say: once for each, so that nodes with different
/// options do not do it in turns while a new version is rolled out. Until then it is tried at every look.
/// </summary>
internal sealed class PartitionConfigurator(EventStore store, ConsumerOptions options, ILogger logger)
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    // Nothing was to be done about them.
    private (IReadOnlyList<Consumer> Consumers, IReadOnlyList<ConsumerRecord> Records)? _seen;

    /// <summary>Divides what should be and can be; true when the store has changed.</summary>
    public async ValueTask<bool> Apply(
        IReadOnlyList<Consumer> consumers, LeaseTable table, CancellationToken cancellationToken)
    {
        if (_seen is { } seen
            && ReferenceEquals(seen.Consumers, consumers)
            && ReferenceEquals(seen.Records, table.Consumers))
            return false;
        var hasChanged = false;
        var there = table.Consumers.ToLookup(record => record.Consumer, StringComparer.Ordinal);
        foreach (var consumer in consumers)
        {
            // All partitions of one ask for the same.
            if (consumer.Share.Partition == 0 && ConfiguredPartitionsOf(consumer) is { } wish)
                hasChanged |= await Apply(consumer.Name, wish, [.. there[consumer.Name]], cancellationToken)
                    .ConfigureAwait(false);
        }
        _seen = hasChanged ? null : (consumers, table.Consumers);
        return hasChanged;
    }

    private int? ConfiguredPartitionsOf(Consumer consumer) =>
        consumer.Processor.CanBeDivided ? options.PartitionsOf(consumer.Name) : 1;

    private async ValueTask<bool> Apply(
        string consumer, int wish, List<ConsumerRecord> there, CancellationToken cancellationToken)
    {
        var before = Math.Max(1, there.Count);
        if (before == wish)
            _done.Add(consumer);
        // One that has never run has nothing to lose: nobody else has divided it.
        if (before == wish || (there.Count > 0 && _done.Contains(consumer)))
            return false;
        if (ObstacleToPartitioning(wish, there) is { } obstacle)
        {
            if (_reported.Add(consumer))
                ConsumerLog.CannotDivide(logger, consumer, before, wish, obstacle);
            return false;
        }
        if (!await store.Storage.Leases.Divide(consumer, wish, cancellationToken).ConfigureAwait(false))
            return false; // Something has moved since the look: the next one tells what.
        _done.Add(consumer);
        ConsumerLog.Divided(logger, consumer, before, wish);
        return true;
    }

    /// <summary>What the store would refuse it for, so that it is not asked for nothing at every look.</summary>
    private static string? ObstacleToPartitioning(int wish, List<ConsumerRecord> there)
    {
        if (there.Count == 0)
            return null;
        if (there.Exists(record => record.OpenDeadLetters > 0))
            return "it has open dead letters; decide about them";
        var mustMeet = wish % there.Count != 0 && there.Exists(record => record.Checkpoint != there[0].Checkpoint);
        return mustMeet
            ? $"its partitions stand at different positions, and only into a multiple of {there.Count} can it be "
                + $"divided while it runs. "
                + "It is done when they stand at the same: as soon as nothing is appended for a moment, or its read "
                + "model is rebuilt"
            : null;
    }
}
