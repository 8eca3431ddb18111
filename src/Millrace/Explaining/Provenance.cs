using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>Finds the causes of a value, and the removals that affect it.</summary>
internal static class Provenance
{
    private const int MaxCauses = 10;
    private const int MaxRemovals = 100;

    /// <summary>
    /// Returns the events that caused the last change, nearest first. The method follows causation ids as long as they
    /// are ids of events.
    /// </summary>
    public static async ValueTask<IReadOnlyList<RecordedEvent>> CausesOf(
        EventStore store, IReadOnlyList<ValueChange> changes, CancellationToken cancellationToken)
    {
        var causes = new List<RecordedEvent>();
        var id = changes.Count > 0 ? changes[0].Event.CausationId : null;
        while (id is { } eventId && causes.Count < MaxCauses)
        {
            if (await store.Find(eventId, cancellationToken).ConfigureAwait(false) is not { } cause)
                break;
            causes.Add(cause);
            id = cause.CausationId == cause.Id ? null : cause.CausationId;
        }
        return causes;
    }

    /// <summary>Returns the last hundred removals of a stream, including deletions that only hide events.</summary>
    public static async ValueTask<IReadOnlyList<RemovalRecord>> RemovalsOf(
        EventStore store, StreamId stream, CancellationToken cancellationToken)
    {
        var all = await store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return [.. all.TakeLast(MaxRemovals)];
    }

    /// <summary>Returns the last hundred removals from the log, of some streams or of all streams.</summary>
    public static async ValueTask<IReadOnlyList<RemovalRecord>> RemovalsOf(
        EventStore store, IReadOnlySet<StreamId> streams, bool ofAll, CancellationToken cancellationToken)
    {
        var all = await store.Storage.Log.ListRemovals(null, cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Where(removal => removal.Events > 0 && (ofAll || streams.Contains(removal.Stream)))
                .TakeLast(MaxRemovals),
        ];
    }
}
