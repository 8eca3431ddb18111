using System.Diagnostics;
using System.Runtime.CompilerServices;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Reads streams and the log page by page, and sets the decoder of each event.</summary>
internal sealed class LogReader(
    ILogStorage log, EventSerializer serializer, int pageEvents, StoredContents contents, QueryShapes shapes)
{
    private const int MaxEventsPerPage = 10_000;

    private readonly MergedEventReader? _mergedEvents =
        serializer.Types.Mergers.Count > 0 ? new MergedEventReader(log, serializer) : null;

    public IAsyncEnumerable<RecordedEvent> ReadStream(
        StreamId stream, long from, bool isBackwards, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        var first = new StreamPageQuery(stream, from, isBackwards, pageEvents);
        IEventPages Open(long next) => new StreamPages(this, first with { From = next });
        return new EventSequence(cancel => new PageSequence(Open, from, contents, cancel), cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadLog(
        EventFilter filter, long from, bool isBackwards, CancellationToken cancellationToken)
    {
        var first = new LogPageQuery(filter, from, isBackwards, pageEvents);
        return new EventSequence(
            cancel => new PageSequence(
                next => new CountedPages(PagesFrom(first, next), shapes, filter), first.From, contents, cancel),
            cancellationToken);
    }

    /// <summary>Reads the log for Millrace itself. This is no query of the application, and is not counted.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadUncounted(
        EventFilter filter, long from, bool isBackwards, CancellationToken cancellationToken)
    {
        var first = new LogPageQuery(serializer.Types.WithFormerNames(filter), from, isBackwards, pageEvents);
        return new EventSequence(
            cancel => new PageSequence(next => PagesFrom(first, next), first.From, contents, cancel),
            cancellationToken);
    }

    /// <summary>Reads pages of the log from a position on, oldest first. The caller must dispose the result.</summary>
    public PageSequence ReadPages(EventFilter filter, long from, CancellationToken cancellationToken) =>
        ReadPages(filter, from, pageEvents, cancellationToken);

    /// <inheritdoc cref="ReadPages(EventFilter, long, CancellationToken)"/>
    public PageSequence ReadPages(EventFilter filter, long from, int limit, CancellationToken cancellationToken) =>
        Open(new LogPageQuery(filter, from, IsBackwards: false, limit), cancellationToken);

    public async ValueTask<EventPage> ReadPage(StreamPageQuery query, CancellationToken cancellationToken)
    {
        CheckLimit(query.Limit);
        if (_mergedEvents is not null)
            query = query with { IsFolded = false }; // Merging events may need any part of an event.
        return await ToDecodable(
                await log.ReadStream(query, cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<EventPage> ReadPage(LogPageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query.Filter, nameof(query));
        CheckLimit(query.Limit);
        return await ToDecodable(await log.ReadLog(query, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Reads a page for the application, and records the shape of the query.</summary>
    public async ValueTask<EventPage> Query(LogPageQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Skip, nameof(query));
        var started = Stopwatch.GetTimestamp();
        var page = query.Skip == 0
            ? await ReadPage(query, cancellationToken).ConfigureAwait(false)
            : await ReadLaterPage(query, cancellationToken).ConfigureAwait(false);
        shapes.Record(query.Filter, isCount: false, page.Events.Count, Stopwatch.GetElapsedTime(started));
        return page;
    }

    /// <summary>Reads the page after the events to skip.</summary>
    private async ValueTask<EventPage> ReadLaterPage(LogPageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query.Filter, nameof(query));
        CheckLimit(query.Limit);
        var remaining = query.Skip;
        query = query with { Skip = 0 };
        while (remaining > 0)
        {
            var skipped = query with { IsBrief = true, Limit = Math.Min(remaining, MaxEventsPerPage) };
            var page = await log.ReadLog(skipped, cancellationToken).ConfigureAwait(false);
            remaining -= page.Events.Count;
            query = query with { From = page.Next };
            if (page.IsEnd)
                return page with { Events = [] };
        }
        return await ReadPage(query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts events for the application, and records the shape of the query.</summary>
    public async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var count = await log.Count(filter, cancellationToken).ConfigureAwait(false);
        shapes.Record(filter, isCount: true, count, Stopwatch.GetElapsedTime(started));
        return count;
    }

    public async ValueTask<RecordedEvent?> Find(Guid id, CancellationToken cancellationToken)
    {
        var found = await log.FindEvent(id, cancellationToken).ConfigureAwait(false);
        if (found is null)
            return null;
        found.Decoder = serializer;
        if (_mergedEvents is not null)
            await _mergedEvents.Join([found], cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>Returns the event at a position; null if it was removed from the log.</summary>
    public async ValueTask<RecordedEvent?> FindAt(long position, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(EventFilter.All, position, IsBackwards: false, 1);
        var page = await ReadPage(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0 && page.Events[0].Position == position ? page.Events[0] : null;
    }

    public async IAsyncEnumerable<StreamInfo> ListStreams(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string? after = null;
        while (true)
        {
            var page = await log.ListStreams(prefix, after, pageEvents, cancellationToken).ConfigureAwait(false);
            foreach (var stream in page)
                yield return stream;
            if (page.Count < pageEvents)
                yield break;
            after = page[^1].Stream.Value;
        }
    }

    /// <summary>Sets the decoder of the events of a page.</summary>
    internal ValueTask<EventPage> ToDecodable(EventPage page, CancellationToken cancellationToken)
    {
        for (var i = 0; i < page.Events.Count; i++)
            page.Events[i].Decoder ??= serializer;
        return _mergedEvents is null
            ? new ValueTask<EventPage>(page)
            : JoinMergedEvents(_mergedEvents, page, cancellationToken);
    }

    /// <summary>
    /// Sets the decoder of the events of a page that was read for folding. Returns null if the model merges events,
    /// because merging may need parts of an event that a page for folding lacks.
    /// </summary>
    internal EventPage? DecodableOrNull(EventPage? page)
    {
        if (_mergedEvents is not null || page is not { } foundPage)
            return null;
        for (var i = 0; i < foundPage.Events.Count; i++)
            foundPage.Events[i].Decoder ??= serializer;
        return foundPage;
    }

    private PageSequence Open(LogPageQuery first, CancellationToken cancellationToken) =>
        new(next => PagesFrom(first, next), first.From, contents, cancellationToken);

    private DecodingPages PagesFrom(LogPageQuery first, long next) =>
        new(log.ReadPages(first with { From = next }), this);

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxEventsPerPage);
    }

    private static async ValueTask<EventPage> JoinMergedEvents(
        MergedEventReader mergedEvents, EventPage page, CancellationToken cancellationToken)
    {
        await mergedEvents.Join(page.Events, cancellationToken).ConfigureAwait(false);
        return page;
    }
}
