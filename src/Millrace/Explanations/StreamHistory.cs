using Millrace.Storage;

namespace Millrace;

/// <summary>The events of a stream as its readers saw them at a position, also when it was deleted since.</summary>
/// <param name="Events">The events, oldest first.</param>
/// <param name="Removals">What was removed from the stream, ever.</param>
/// <param name="Until">The time up to which was decided and removed what counts: that of the event at the position; for the end of the log,
/// until now.</param>
internal sealed record StreamHistory(IReadOnlyList<RecordedEvent> Events, IReadOnlyList<RemovalRecord> Removals, DateTimeOffset Until)
{
    /// <summary>Reads them.</summary>
    public static async ValueTask<StreamHistory> Read(EventStore store, StreamId stream, long position, CancellationToken cancellationToken)
    {
        var removals = await store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        var until = await TimeOf(store, position, cancellationToken).ConfigureAwait(false);
        var hidden = removals.Where(one => one.Kind != RemovalKind.Truncate && one.At <= until).Select(one => one.ToVersion)
            .DefaultIfEmpty(0).Max();
        // What a deletion hides stays in the log, where its readers no longer see it.
        var wasDeleted = removals.Any(one => one.Kind != RemovalKind.Truncate);
        var all = wasDeleted
            ? store.ReadLog(EventFilter.InStreams(stream.Value), 0, cancellationToken)
            : store.ReadStream(stream, 1, cancellationToken);
        var events = new List<RecordedEvent>();
        await foreach (var recorded in all.ConfigureAwait(false))
        {
            if (recorded.Position > position)
                break;
            if (recorded.Stream == stream && recorded.Version > hidden)
                events.Add(recorded);
        }
        return new StreamHistory(events, removals, until);
    }

    private static async ValueTask<DateTimeOffset> TimeOf(EventStore store, long position, CancellationToken cancellationToken)
    {
        var head = await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        if (position >= head.Position)
            return DateTimeOffset.MaxValue;
        var last = new LogPageQuery(EventFilter.All, position, IsBackwards: true, 1);
        var page = await store.ReadPage(last, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0 ? page.Events[0].Timestamp : DateTimeOffset.MinValue;
    }
}
