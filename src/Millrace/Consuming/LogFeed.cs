using Millrace.Consuming.Partitions;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>
/// Supplies one consumer with its events: from this node's tail while it keeps up, otherwise from the storage, one page
/// ahead.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="filter">The filter for the events.</param>
/// <param name="maxEvents">The maximum number of events of a page.</param>
/// <param name="options">The options that limit the size of pages.</param>
/// <param name="pages">The pages that the consumer's partitions on this node share; null when it is not
/// partitioned.</param>
internal sealed class LogFeed(
    EventStore store, EventFilter filter, int maxEvents, ConsumerOptions options, SharedPageCache? pages = null)
{
    private const int FirstPage = 1_000;

    private readonly List<RecordedEvent> _buffered = [];
    private readonly TailReader _tailReader = store.Tail.StartAfter(0);
    private Task<FeedBatch>? _ahead;
    private long _aheadFrom;
    private long _averageBytes;
    private long _since = store.Time.GetTimestamp();

    /// <summary>The approximate maximum number of bytes of a page; null for the value of the options.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Returns the events after a position; an empty batch at the end of the log.</summary>
    public async ValueTask<FeedBatch> Read(long after, int limit, CancellationToken cancellationToken)
    {
        _tailReader.ReleasedPosition = after;
        var head = store.Tail.Head;
        if (head.Position <= after)
            return new FeedBatch([], after, IsLive: true);
        if (limit >= options.BatchEvents && TakePrefetched(after + 1) is { } ahead)
            return ReadAhead(await ahead.ConfigureAwait(false), cancellationToken);
        _buffered.Clear();
        if (store.Tail.TryRead(after + 1, limit, _buffered) && _buffered.Count > 0)
            return OfTail(head.Position);
        var isFar = head.Position - after > options.BatchEvents && limit >= options.BatchEvents;
        var page = await ReadPage(after + 1, isFar ? PageEvents() : limit, cancellationToken).ConfigureAwait(false);
        return isFar ? ReadAhead(page, cancellationToken) : page;
    }

    /// <summary>Drops the page that was read ahead.</summary>
    public async ValueTask Forget()
    {
        if (_ahead is { } ahead)
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ahead = null;
        _since = store.Time.GetTimestamp();
    }

    /// <summary>Stops reading.</summary>
    public async ValueTask End()
    {
        _tailReader.Dispose();
        await Forget().ConfigureAwait(false);
    }

    private Task<FeedBatch>? TakePrefetched(long from)
    {
        var ahead = _aheadFrom == from ? _ahead : null;
        if (ahead is not null)
            _ahead = null;
        return ahead;
    }

    /// <summary>Starts to read the next page while the consumer handles this one.</summary>
    private FeedBatch ReadAhead(FeedBatch page, CancellationToken cancellationToken)
    {
        Measure(page.Events);
        if (page.IsLive || _ahead is not null)
            return page;
        var (from, limit) = (page.Through + 1, PageEvents());
        _aheadFrom = from;
        _ahead = Task.Run(() => ReadPage(from, limit, cancellationToken).AsTask(), cancellationToken);
        return page;
    }

    private FeedBatch OfTail(long head)
    {
        var through = _buffered[^1].Position;
        var wanted = new List<RecordedEvent>(_buffered.Count);
        foreach (var recorded in _buffered)
        {
            if (filter.Matches(recorded))
                wanted.Add(recorded);
        }
        return new FeedBatch(wanted, through, IsLive: head - through < options.BatchEvents);
    }

    private ValueTask<FeedBatch> ReadPage(long from, int limit, CancellationToken cancellationToken) =>
        pages is null
            ? ReadOwn(from, limit, cancellationToken)
            : pages.Read(
                new LogPageKey(store.Tail.Head.Epoch, from, limit),
                _since,
                cancel => ReadOwn(from, limit, cancel),
                cancellationToken);

    private async ValueTask<FeedBatch> ReadOwn(long from, int limit, CancellationToken cancellationToken)
    {
        var head = store.Tail.Head.Position;
        var page = await store.Reader.ReadPage(
            new LogPageQuery(filter, from, IsBackwards: false, limit), cancellationToken).ConfigureAwait(false);
        var through = page.IsEnd ? Math.Max(page.Next - 1, head) : page.Next - 1;
        return new FeedBatch(page.Events, through, page.IsEnd);
    }

    private void Measure(IReadOnlyList<RecordedEvent> events)
    {
        if (events.Count == 0)
            return;
        var bytes = 0L;
        for (var i = 0; i < events.Count; i++)
            bytes += events[i].Payload.Length + events[i].MetadataBytes.Length;
        _averageBytes = Math.Max(1, bytes / events.Count);
    }

    private int PageEvents() => _averageBytes == 0
        ? Math.Min(FirstPage, maxEvents)
        : (int)Math.Clamp((MaxBytes ?? options.BatchBytes) / _averageBytes, 1, maxEvents);
}
