using Millrace.Storage;

namespace Millrace;

/// <summary>Tells where in the log streams began anew after they were deleted: what they were before is not their
/// past.</summary>
internal sealed class StreamRecreations
{
    private readonly Dictionary<StreamId, Queue<long>> _deletions = [];

    private StreamRecreations(IEnumerable<RemovalRecord> removals)
    {
        foreach (var stream in removals.Where(one => one.Kind == RemovalKind.Delete).GroupBy(one => one.Stream))
            _deletions[stream.Key] = new Queue<long>(stream.Select(one => one.ToVersion).Order());
    }

    public static async ValueTask<StreamRecreations> Read(EventStore store, CancellationToken cancellationToken) =>
        new(await store.Storage.Log.ListRemovals(null, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether the stream of an event was deleted since the last one asked about; to be asked in the order of
    /// the log.</summary>
    public bool BeginsAnew(RecordedEvent recorded)
    {
        if (!_deletions.TryGetValue(recorded.Stream, out var versions))
            return false;
        var isNew = false;
        while (versions.TryPeek(out var last) && last < recorded.Version)
        {
            versions.Dequeue();
            isNew = true;
        }
        return isNew;
    }
}
