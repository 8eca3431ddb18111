using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// Finds the events with which streams were created again after a deletion. The events before the deletion do not
/// belong to the new streams.
/// </summary>
internal sealed class StreamRecreations
{
    private readonly Dictionary<StreamId, Queue<long>> _deletions = [];

    private StreamRecreations(IEnumerable<RemovalRecord> removals)
    {
        var deletions = removals.Where(removal => removal.Kind == RemovalKind.Delete);
        foreach (var stream in deletions.GroupBy(removal => removal.Stream))
            _deletions[stream.Key] = new Queue<long>(stream.Select(removal => removal.ToVersion).Order());
    }

    public static async ValueTask<StreamRecreations> Read(EventStore store, CancellationToken cancellationToken) =>
        new(await store.Storage.Log.ListRemovals(null, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Returns whether the stream of an event was deleted after its previous event. Call the method in the order of the
    /// log.
    /// </summary>
    public bool IsRecreated(RecordedEvent recorded)
    {
        if (!_deletions.TryGetValue(recorded.Stream, out var versions))
            return false;
        var isRecreated = false;
        while (versions.TryPeek(out var last) && last < recorded.Version)
        {
            versions.Dequeue();
            isRecreated = true;
        }
        return isRecreated;
    }
}
