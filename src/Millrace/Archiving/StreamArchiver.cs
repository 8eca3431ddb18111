using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>Moves contents of the events of single streams to segments.</summary>
/// <param name="log">The log without the archive.</param>
/// <param name="since">The time before which events must be recorded; null for any time.</param>
/// <param name="end">The last position to archive.</param>
/// <param name="buffer">Receives the events.</param>
internal sealed class StreamArchiver(ILogStorage log, DateTimeOffset? since, long end, SegmentBuffer buffer)
{
    private const int PageEvents = 500;

    /// <summary>
    /// Returns whether only the log contains all events of a stream: those before a deletion, and of a closed stream.
    /// </summary>
    public async ValueTask<bool> IsHidden(StreamId stream, CancellationToken cancellationToken)
    {
        var head = await log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        if (head is { State: StreamState.Open, FirstVersion: 1 })
            return false;
        var removals = await log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return head.State != StreamState.Open
            || removals.Any(static removal => removal.Kind != RemovalKind.Truncate);
    }

    /// <summary>Archives a stream that is not hidden.</summary>
    public async Task Archive(StreamId stream, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(stream, 1, IsBackwards: false, PageEvents);
        while (true)
        {
            var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
                await Add(recorded, cancellationToken).ConfigureAwait(false);
            if (page.IsEnd || page.Events is [] || page.Events[^1].Position > end)
                return;
            query = query with { From = page.Next };
        }
    }

    /// <summary>Archives a hidden stream. Streams whose names start with its name are read too.</summary>
    public async Task ArchiveHidden(StreamId stream, CancellationToken cancellationToken)
    {
        var head = await log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        var filter = EventFilter.InStreams(stream.Value) with { To = since };
        var pages = log.ReadPages(new LogPageQuery(filter, 1, IsBackwards: false, PageEvents));
        await using var _ = pages.ConfigureAwait(false);
        while (true)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            var own = page.Events.Where(recorded => recorded.Stream == stream).ToList();
            foreach (var recorded in own)
                await Add(recorded, cancellationToken).ConfigureAwait(false);
            if (page.IsEnd || page.Next > end || (own.Count > 0 && own[^1].Version >= head.Version))
                return;
        }
    }

    private ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken) =>
        recorded.Position > end || recorded.Timestamp >= since || ArchiveReference.IsIn(recorded)
        || PlatformEvents.IsReserved(recorded.Type)
            ? ValueTask.CompletedTask
            : buffer.Add(recorded, cancellationToken);
}
