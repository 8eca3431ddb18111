namespace Millrace.Storage;

/// <summary>The log of a storage: one way to write, several ways to read.</summary>
public interface ILogStorage
{
    /// <summary>
    /// Gets whether <see cref="Commit"/> runs on the calling thread, as in embedded databases. The writer then gets a
    /// dedicated thread, so that no pool thread is blocked.
    /// </summary>
    bool CommitsOnCallingThread { get; }

    /// <summary>
    /// Commits a batch in one transaction: takes the log's lock, reads the facts, calls
    /// <see cref="CommitDecision.Decide"/>, writes the accepted requests and commits. Called by one writer at a time.
    /// </summary>
    /// <param name="batch">
    /// The requests. Requests with <see cref="CommitRequest.Statements"/> are never mixed with others, and a request
    /// with statements and a checkpoint is alone. A request with <see cref="CommitRequest.Removals"/> is never followed
    /// by one that appends or has conditions: conditions and repetitions would still match the removed events.
    /// </param>
    /// <param name="now">The clock of the writer. The recorded time is the later of it and the last time in the
    /// log.</param>
    /// <param name="cancellationToken">Cancels the operation before the transaction starts; after that it is
    /// ignored.</param>
    /// <returns>The outcomes of the requests, in order. They are durable.</returns>
    /// <exception cref="StorageException">The whole transaction failed and nothing was written, or, if
    /// <see cref="StorageException.IsInDoubt"/> is true, the outcome is unknown.</exception>
    ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Gets the end of the log.</summary>
    ValueTask<LogHead> GetHead(CancellationToken cancellationToken);

    /// <summary>
    /// Waits until another node may have moved the log past <paramref name="seen"/>, or until a time that the storage
    /// chooses.
    /// </summary>
    ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the end of the log, and the events after a known end unless there are too many. By default this calls
    /// <see cref="GetHead"/> and then <see cref="ReadLog"/>; a storage can override it to read both in one request.
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

    /// <summary>Reads a page of one stream. It contains no removed events; a deleted stream has no events.</summary>
    ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken);

    /// <summary>Reads a page of the log.</summary>
    ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a reader of consecutive pages. It returns the same as <see cref="ReadLog"/>, at lower cost if the storage
    /// can continue from one page to the next. By default each page is read separately.
    /// </summary>
    /// <remarks>
    /// A page within the log may show its state up to one second before the request. But whether the log ends after a
    /// page is always determined after the request.
    /// </remarks>
    /// <param name="first">The first page. The following pages have the same filter, direction and limit.</param>
    IEventPages ReadPages(LogPageQuery first) => new SeparatePages(this, first);

    /// <summary>
    /// Finds an event by its id. If events of several streams have the id, returns the one with the lowest position.
    /// </summary>
    ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken);

    /// <summary>Finds an event by its id in one stream; the first one, if a caller used the id twice.</summary>
    ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken);

    /// <summary>Counts the matching events.</summary>
    ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken);

    /// <summary>Gets the head of a stream; <see cref="StreamHead.None"/> if it never existed.</summary>
    ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken);

    /// <summary>Lists streams ordered by name, by Unicode code points (the order of their UTF-8 bytes).</summary>
    /// <param name="prefix">The prefix of the names; empty for all.</param>
    /// <param name="after">The last name of the previous page; null to start.</param>
    /// <param name="limit">The maximum number of streams.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Finds the owner of a unique value; null if there is none.</summary>
    ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the answer that is stored for a handled id; null if it was not handled, or its window has passed.
    /// </summary>
    ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken);

    /// <summary>Lists the recorded removals, oldest first.</summary>
    ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken);

    /// <summary>Reads a page of the recorded removals, oldest first.</summary>
    /// <param name="after">The last number of the previous page; 0 to start, <see cref="long.MaxValue"/> to get the
    /// last number.</param>
    /// <param name="limit">The maximum number of removals, at least 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken);
}

/// <summary>The end of the log.</summary>
/// <param name="Epoch">The log epoch, a count of the restores and promotions of the log, from 1.</param>
/// <param name="Position">The last position; 0 for an empty log.</param>
public readonly record struct LogHead(long Epoch, long Position);

/// <summary>The events of a log after a known end.</summary>
/// <param name="Head">The current end.</param>
/// <param name="Events">The events after the known end, in order. Empty if there are more than the limit, or if the log
/// has another epoch.</param>
public readonly record struct LogUpdate(LogHead Head, IReadOnlyList<RecordedEvent> Events);

/// <summary>Selects a page of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">The first version, inclusive; for reading backwards, <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">True to read towards version 1.</param>
/// <param name="Limit">The maximum number of events, at least 1.</param>
public readonly record struct StreamPageQuery(StreamId Stream, long From, bool IsBackwards, int Limit)
{
    /// <summary>
    /// Gets whether the events are only folded into a state. Their id, time, metadata, source, correlation id,
    /// causation id, key id and tags may then be missing. False by default.
    /// </summary>
    public bool IsFolded { get; init; }
}

/// <summary>Selects a page of the log.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="From">The first position, inclusive; for reading backwards, <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">True to read towards position 1.</param>
/// <param name="Limit">The maximum number of events, at least 1.</param>
public readonly record struct LogPageQuery(EventFilter Filter, long From, bool IsBackwards, int Limit)
{
    /// <summary>Gets whether payload and metadata are not needed; they may then be empty. False by default.</summary>
    public bool IsBrief { get; init; }
}

/// <summary>Events in order, and where to continue.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">The version or position of the next page, inclusive. It may be beyond the last event, if later
/// ones did not match.</param>
/// <param name="IsEnd">True if there was nothing after this page at the time of reading.</param>
public readonly record struct EventPage(IReadOnlyList<RecordedEvent> Events, long Next, bool IsEnd);
