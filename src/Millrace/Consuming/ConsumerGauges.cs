using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// The observed measurements of the consumers that run on a node. The partitions of a consumer are measured together.
/// </summary>
internal sealed class ConsumerGauges(EventStore store, Func<IReadOnlyList<Consumer>> consumers)
{
    /// <summary>
    /// Returns the lag in events, and the time since the first event after the checkpoint was recorded. Nothing is read
    /// from the storage, so the time is 0 if it is unknown.
    /// </summary>
    public IEnumerable<(string Consumer, long Events, TimeSpan Time)> Lags()
    {
        var head = store.Tail.Head.Position;
        foreach (var partitions in Snapshots())
        {
            var snapshot = ConsumerSnapshot.Combine(partitions);
            var events = Math.Max(0, head - snapshot.Position);
            yield return (partitions.Key, events, events == 0 ? TimeSpan.Zero : snapshot.LagTime(store));
        }
    }

    /// <summary>
    /// Returns how long the consumers of this node have been stalled; zero for consumers that are not stalled.
    /// </summary>
    public IEnumerable<(string Consumer, TimeSpan Time)> Stalls()
    {
        var now = store.Time.GetUtcNow();
        foreach (var partitions in Snapshots())
        {
            var stalledSince = partitions.Min(one => one.State == ConsumerState.Stalled ? one.StateSince : null);
            yield return (partitions.Key, stalledSince < now ? now - stalledSince.Value : TimeSpan.Zero);
        }
    }

    /// <summary>Returns the size of batches and the number of workers of consumers that adapt them.</summary>
    public IEnumerable<(string Consumer, int BatchEvents, int Workers)> Loads() =>
        from partitions in WithLease()
        let loads = partitions.Select(consumer => consumer.Processor.Load).OfType<AdaptiveLoad>().ToArray()
        where loads.Length > 0
        select (partitions.Key, loads.Max(load => load.BatchEvents), loads.Sum(load => load.Workers));

    /// <summary>
    /// Returns the number of open dead letters by state, as the running consumers know it. Nothing is read from the
    /// storage.
    /// </summary>
    public IEnumerable<(string Consumer, string State, int DeadLetters)> DeadLetters()
    {
        foreach (var partitions in WithLease())
        {
            var counts = partitions.Select(consumer => consumer.DeadLetters).OfType<DeadLetterCounts>().ToArray();
            if (counts.Length == 0)
                continue;
            yield return (partitions.Key, "retry-at", counts.Sum(count => count[DeadLetterState.RetryAt]));
            yield return (partitions.Key, "parked", counts.Sum(count => count[DeadLetterState.Parked]));
            yield return (partitions.Key, "waiting", counts.Sum(count => count[DeadLetterState.Waiting]));
            yield return (partitions.Key, "released", counts.Sum(count => count[DeadLetterState.Released]));
        }
    }

    private IEnumerable<IGrouping<string, ConsumerSnapshot>> Snapshots() =>
        from consumer in consumers()
        let snapshot = consumer.TakeSnapshot()
        where snapshot is not null
        group snapshot.Value by consumer.Name;

    private IEnumerable<IGrouping<string, Consumer>> WithLease() =>
        consumers()
            .Where(consumer => consumer.Lease is not null)
            .GroupBy(consumer => consumer.Name, StringComparer.Ordinal);
}
