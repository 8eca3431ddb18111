using Millrace.Streams;

namespace Millrace.Storage;

/// <summary>Writes and reads the log of a storage.</summary>
public interface ILogStorage
{
    /// <summary>
    /// Gets whether <see cref="Commit"/> runs on the calling thread, as in embedded databases. If true, the writer uses
    /// a dedicated thread, so that commits do not block threads of the pool.
    /// </summary>
    bool CommitsOnCallingThread { get; }

    /// <summary>
    /// Commits a batch in one transaction. The storage acquires the log's lock, reads the facts that the decision needs
    /// (<see cref="ICommitFacts"/>), calls <see cref="CommitDecision.Decide"/>, writes the accepted requests and
    /// commits. Only one writer calls this method at a time.
    /// </summary>
    /// <param name="batch">The requests. Either all requests or none have <see cref="CommitRequest.Statements"/>, and a
    /// request with statements and a checkpoint is alone in its batch. After a request with
    /// <see cref="CommitRequest.Removals"/>, the batch contains no request that appends or has conditions, because
    /// its conditions would be checked against facts that still include the removed events.</param>
    /// <param name="now">The current time of the writer. If the last time in the log is later, that time is recorded
    /// instead.</param>
    /// <param name="cancellationToken">Cancels the operation until the transaction starts. After that, cancellation has
    /// no effect.</param>
    /// <returns>The outcomes of the requests, in order. They are durable.</returns>
    /// <exception cref="StorageException">The whole transaction failed and wrote nothing. If
    /// <see cref="StorageException.IsInDoubt"/> is true, the outcome is unknown instead.</exception>
    ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Gets the end of the log.</summary>
    ValueTask<LogHead> GetHead(CancellationToken cancellationToken);

    /// <summary>
    /// Waits until another node may have written events after <paramref name="seen"/>. The storage may also return
    /// earlier, after a time that it chooses.
    /// </summary>
    ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the end of the log, and the events after a known end unless there are too many. By default, this method
    /// calls <see cref="GetHead"/> and then <see cref="ReadLog"/>. A storage can override the method to read both in
    /// one request.
    /// </summary>
    /// <param name="seen">The known end.</param>
    /// <param name="limit">The maximum number of events to read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    async ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken)
    {
        var head = await GetHead(cancellationToken).ConfigureAwait(false);
        var count = head.Position - seen.Position;
        if (head.Epoch != seen.Epoch || count < 1 || count > limit)
            return new LogUpdate(head, []);
        var query = new LogPageQuery(EventFilter.All, seen.Position + 1, IsBackwards: false, (int)count);
        var page = await ReadLog(query, cancellationToken).ConfigureAwait(false);
        return new LogUpdate(head, page.Events);
    }

    /// <summary>Reads a page of one stream, without removed events. The page of a deleted stream is empty.</summary>
    ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken);

    /// <summary>Reads a page of the log.</summary>
    ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a reader of consecutive pages. The reader returns the same pages as <see cref="ReadLog"/>, but at lower
    /// cost if the storage can continue from one page to the next. By default, each page is read separately.
    /// </summary>
    /// <remarks>
    /// A page may show the state of the log up to one second before the request. But <see cref="EventPage.IsEnd"/>
    /// always reflects the state after the request.
    /// </remarks>
    /// <param name="first">The first page. The following pages have the same filter, direction and limit.</param>
    IEventPages ReadPages(LogPageQuery first) => new SeparatePages(this, first);

    /// <summary>
    /// Finds an event by its id. If events of several streams have the id, returns the event with the lowest position.
    /// </summary>
    ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Finds an event by its id in one stream. If several events of the stream have the id, returns the first event.
    /// </summary>
    ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken);

    /// <summary>Counts the matching events.</summary>
    ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the stored names of the types of all events in the log, in the order of Unicode code points. A storage
    /// should not read all events for this. The default implementation does, without their payloads.
    /// </summary>
    async ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        const int PageEvents = 1_000;
        var types = new SortedSet<string>(CodePointOrder.Instance);
        var query = new LogPageQuery(EventFilter.All, 1, IsBackwards: false, PageEvents) { IsBrief = true };
        for (var isEnd = false; !isEnd;)
        {
            var page = await ReadLog(query, cancellationToken).ConfigureAwait(false);
            types.UnionWith(page.Events.Select(static recorded => recorded.Type));
            (query, isEnd) = (query with { From = page.Next }, page.IsEnd);
        }
        return [.. types];
    }

    /// <summary>Gets the head of a stream; <see cref="StreamHead.None"/> if it never existed.</summary>
    ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken);

    /// <summary>
    /// Lists streams ordered by name. The order is by Unicode code points, which is the order of the UTF-8 bytes.
    /// </summary>
    /// <param name="prefix">The prefix of the names; empty for all streams.</param>
    /// <param name="after">The last name of the previous page; null to start.</param>
    /// <param name="limit">The maximum number of streams.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Finds the owner of a unique value; null if the value has no owner.</summary>
    ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the claims of a scope, ordered by value. The order is by Unicode code points. The default implementation
    /// returns null.
    /// </summary>
    /// <param name="scope">The scope.</param>
    /// <param name="after">The last value of the previous page; null to start.</param>
    /// <param name="limit">The maximum number of claims.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The claims; null if the storage cannot list them.</returns>
    ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        new((IReadOnlyList<StoredClaim>?)null);

    /// <summary>
    /// Finds the stored answer to a command or message that was handled, by its id. Returns null if the id was not
    /// handled, or if its time window has expired.
    /// </summary>
    ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the stored answers that are not empty and have not expired, in an order that the storage chooses. Only
    /// maintenance uses this method.
    /// </summary>
    /// <param name="after">The last record of the previous page; null for the first page.</param>
    /// <param name="limit">The maximum number of records.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The records; null if the storage does not support this request. The default implementation returns
    /// null.</returns>
    ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        new((IReadOnlyList<HandledRecord>?)null);

    /// <summary>Lists the recorded removals, oldest first.</summary>
    ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken);

    /// <summary>Reads a page of the recorded removals, oldest first.</summary>
    /// <param name="after">The number of the last removal on the previous page; 0 for the first page. With
    /// <see cref="long.MaxValue"/>, the page is empty and contains only the number of the last removal.</param>
    /// <param name="limit">The maximum number of removals, at least 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken);
}

/// <summary>The end of the log.</summary>
/// <param name="Epoch">The log epoch, which starts with 1 and increases with each restore or promotion of the
/// log.</param>
/// <param name="Position">The last position; 0 for an empty log.</param>
public readonly record struct LogHead(long Epoch, long Position);

/// <summary>The current end of a log, and the events after a known end.</summary>
/// <param name="Head">The current end.</param>
/// <param name="Events">Events after the known end, in order. They are all new events only if there is one for each new
/// position. Empty if there are more than the limit, or if the log has another epoch.</param>
public readonly record struct LogUpdate(LogHead Head, IReadOnlyList<RecordedEvent> Events);

/// <summary>A query for a page of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">The first version, inclusive; for reading backwards, <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">True to read towards version 1.</param>
/// <param name="Limit">The maximum number of events, at least 1.</param>
public readonly record struct StreamPageQuery(StreamId Stream, long From, bool IsBackwards, int Limit)
{
    /// <summary>
    /// Gets whether the caller only folds the events into a state. If true, the storage may omit the id, time,
    /// metadata, source, correlation id, causation id, key id and tags. The default is false.
    /// </summary>
    public bool IsFolded { get; init; }
}

/// <summary>A query for a page of the log.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="From">The first position, inclusive; for reading backwards, <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">True to read towards position 1.</param>
/// <param name="Limit">The maximum number of events, at least 1.</param>
public readonly record struct LogPageQuery(EventFilter Filter, long From, bool IsBackwards, int Limit)
{
    /// <summary>
    /// Gets whether the caller does not need payload and metadata. If true, the storage may leave both empty. The
    /// default is false.
    /// </summary>
    public bool IsBrief { get; init; }

    /// <summary>
    /// Gets the number of matching events to skip, for example to show a page by its number; 0 by default. The store
    /// skips them, and storages get queries with 0. A query from <see cref="EventPage.Next"/> of the page before is
    /// faster.
    /// </summary>
    public int Skip { get; init; }
}

/// <summary>A page of events in order, with the start of the next page.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">The first version or position of the next page. It may be beyond the last event of this page, if
/// later events do not match the query.</param>
/// <param name="IsEnd">True if there were no events after this page at the time of reading.</param>
public readonly record struct EventPage(IReadOnlyList<RecordedEvent> Events, long Next, bool IsEnd);
