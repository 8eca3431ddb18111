using Millrace.Consuming.Partitions;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>
/// Supplies a consumer with its events. While the consumer keeps up, they come from this node's in-memory tail of the
/// log. Otherwise they come from the storage, and the next page is read in advance.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="filter">The filter for the events.</param>
/// <param name="options">The options that limit the size of pages.</param>
/// <param name="pages">The pages that the consumer's partitions on this node share; null if it is not
/// partitioned.</param>
internal sealed class LogFeed(
    EventStore store, EventFilter filter, ConsumerOptions options, SharedPageCache? pages = null)
{
    private const int FirstPage = 1_000;

    private readonly List<RecordedEvent> _buffered = [];
    private readonly TailReader _tailReader = store.Tail.StartAfter(0);
    private Task<FeedBatch>? _nextPage;
    private long _nextPageFrom;
    private long _nextPageRound;
    private long _averageBytes;
    private long _pagesValidFrom = store.Time.GetTimestamp();

    /// <summary>Gets the maximum number of events of a page.</summary>
    public required int MaxEvents { get; init; }

    /// <summary>Gets the size of batches that changes with the load; null if it does not change.</summary>
    public AdaptiveLoad? Load { get; init; }

    /// <summary>Gets the size of batches of a trial; null without one.</summary>
    public Func<int?> TrialEvents { get; init; } = static () => null;

    /// <summary>Gets the approximate maximum number of bytes of a page; null for the value of the options.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Gets the maximum number of events of a batch of a consumer that keeps up.</summary>
    public int BatchEvents => TrialEvents() ?? Load?.BatchEvents ?? options.BatchEvents;

    private int PageLimit => Math.Min(TrialEvents() ?? Load?.BatchEvents ?? MaxEvents, MaxEvents);

    /// <summary>Creates the feed of a consumer.</summary>
    public static LogFeed For(ConsumerProcessor processor, ConsumerServices services, SharedPageCache? pages) =>
        new(services.Store, processor.Filter, services.Options, pages)
        {
            MaxEvents = processor.MaxEvents,
            MaxBytes = processor.MaxBytes,
            Load = processor.Load,
            TrialEvents = () => processor.Trial?.BatchEvents,
        };

    /// <summary>Returns the events after a position; an empty batch at the end of the log.</summary>
    /// <param name="after">The position.</param>
    /// <param name="max">The maximum number of events; null for a batch, and for a page if the consumer is far
    /// behind.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<FeedBatch> Read(long after, int? max, CancellationToken cancellationToken)
    {
        var limit = max ?? BatchEvents;
        _tailReader.ReleasedPosition = after;
        var head = store.Tail.Head;
        if (head.Position <= after)
            return new FeedBatch([], after, IsLive: true);
        if (max is null
            && await TakePrefetched(after + 1).ConfigureAwait(false) is { } nextPage)
            return ReadAhead(nextPage, cancellationToken);
        _buffered.Clear();
        if (store.Tail.TryRead(after + 1, limit, _buffered) && _buffered.Count > 0)
            return BatchOfTail(head.Position);
        var isFar = max is null && head.Position - after > BatchEvents;
        var (from, count) = (after + 1, isFar ? PageEvents() : limit);
        long round;
        FeedBatch page;
        do
        {
            round = store.Stored.Round;
            page = await ReadPage(from, count, cancellationToken).ConfigureAwait(false);
        }
        while (round != store.Stored.Round); // Values were erased during the read, so the page may contain them.
        return isFar ? ReadAhead(page, cancellationToken) : page;
    }

    /// <summary>Drops the page that was read ahead.</summary>
    public async ValueTask Forget()
    {
        if (_nextPage is { } nextPage)
            await ((Task)nextPage).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _nextPage = null;
        _pagesValidFrom = store.Time.GetTimestamp();
    }

    /// <summary>Stops reading.</summary>
    public async ValueTask End()
    {
        _tailReader.Dispose();
        await Forget().ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the page that was read ahead. Returns null if there is none, or if values were erased after its read
    /// started, because the page may then contain them, and if it is larger than the batches of a trial.
    /// </summary>
    private async ValueTask<FeedBatch?> TakePrefetched(long from)
    {
        if (_nextPage is not { } nextPage || _nextPageFrom != from)
            return null;
        _nextPage = null;
        var page = await nextPage.ConfigureAwait(false);
        return _nextPageRound == store.Stored.Round && !(page.Events.Count > TrialEvents()) ? page : null;
    }

    /// <summary>Starts to read the next page while the consumer handles this one.</summary>
    private FeedBatch ReadAhead(FeedBatch page, CancellationToken cancellationToken)
    {
        Measure(page.Events);
        if (page.IsLive || _nextPage is not null)
            return page;
        var (from, limit) = (page.Through + 1, PageEvents());
        (_nextPageFrom, _nextPageRound) = (from, store.Stored.Round);
        _nextPage = Task.Run(() => ReadPage(from, limit, cancellationToken).AsTask(), cancellationToken);
        return page;
    }

    private FeedBatch BatchOfTail(long head)
    {
        var through = _buffered[^1].Position;
        var matching = new List<RecordedEvent>(_buffered.Count);
        foreach (var recorded in _buffered)
        {
            if (filter.Matches(recorded))
                matching.Add(recorded);
        }
        _buffered.Clear();
        return new FeedBatch(matching, through, IsLive: head - through < options.BatchEvents);
    }

    private ValueTask<FeedBatch> ReadPage(long from, int limit, CancellationToken cancellationToken) =>
        pages is null
            ? ReadOwn(from, limit, cancellationToken)
            : pages.Read(
                new LogPageKey(store.Tail.Head.Epoch, store.Stored.Round, from, limit),
                _pagesValidFrom,
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
        ? Math.Min(FirstPage, PageLimit)
        : (int)Math.Clamp((MaxBytes ?? options.BatchBytes) / _averageBytes, 1, PageLimit);
}
