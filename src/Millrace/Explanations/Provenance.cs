using Millrace.Storage;

namespace Millrace;

/// <summary>Where a value comes from beyond its events: what caused them, and what was taken away.</summary>
internal static class Provenance
{
    private const int MaxCauses = 10;
    private const int MaxRemovals = 100;

    /// <summary>The events that caused the last change, nearest first: as long as a causation id is that of an
    /// event.</summary>
    public static async ValueTask<IReadOnlyList<RecordedEvent>> CausesOf(
        EventStore store, IReadOnlyList<ValueChange> changes, CancellationToken cancellationToken)
    {
        var causes = new List<RecordedEvent>();
        var id = changes.Count > 0 ? changes[0].Event.CausationId : null;
        while (id is { } wanted && causes.Count < MaxCauses)
        {
            if (await store.Find(wanted, cancellationToken).ConfigureAwait(false) is not { } cause)
                break;
            causes.Add(cause);
            id = cause.CausationId == cause.Id ? null : cause.CausationId;
        }
        return causes;
    }

    /// <summary>What was removed from a stream, also by hiding it; the last hundred.</summary>
    public static async ValueTask<IReadOnlyList<RemovalRecord>> RemovalsOf(
        EventStore store, StreamId stream, CancellationToken cancellationToken)
    {
        var all = await store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return [.. all.TakeLast(MaxRemovals)];
    }

    /// <summary>What was taken out of the log of some streams, or of all; the last hundred.</summary>
    public static async ValueTask<IReadOnlyList<RemovalRecord>> RemovalsOf(
        EventStore store, IReadOnlySet<StreamId> streams, bool ofAll, CancellationToken cancellationToken)
    {
        var all = await store.Storage.Log.ListRemovals(null, cancellationToken).ConfigureAwait(false);
        return [.. all.Where(one => one.Events > 0 && (ofAll || streams.Contains(one.Stream))).TakeLast(MaxRemovals)];
    }
}
