using Millrace.Storage;

namespace Millrace.Metrics;

/// <summary>Finds the name of this node in the history, which no other running process uses.</summary>
internal sealed class NodeNames(MetricStore store, string baseName, NodeHolder holder)
{
    private const int MaxNodes = 1_000;
    private const int MissedIntervals = 3;

    /// <summary>Returns the first name that is free, with the version of its document. The first write takes
    /// it.</summary>
    /// <exception cref="StorageException">There is none.</exception>
    public async ValueTask<(string Name, long Version)> Find(DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= MaxNodes; i++)
        {
            var name = i == 1 ? baseName : FormattableString.Invariant($"{baseName}-{i}");
            var document = await store.Find(MetricStore.Latest, name, cancellationToken).ConfigureAwait(false);
            if (document is null)
                return (name, 0);
            if (IsFree(MetricStore.ReadLatest(document), now))
                return (name, document.Version);
        }
        throw new StorageException(
            $"All names of nodes up to '{baseName}-{MaxNodes}' are used: set Millrace:Monitor:Node.",
            StorageProblem.Other);
    }

    private bool IsFree(LatestRecord record, DateTimeOffset now) =>
        record.Holder is not { } other
        || other.Instance == holder.Instance
        || record.At + MissedIntervals * record.Interval < now
        // A change of the wall clock changes the recorded start of a process, so the process must also be late.
        || (record.At + record.Interval < now && other.HasEnded());
}
