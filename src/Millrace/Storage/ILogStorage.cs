namespace Millrace.Storage;

/// <summary>The log of a storage: one way in, several ways to read.</summary>
public interface ILogStorage
{
    /// <summary>
    /// True when <see cref="Commit"/> works on the calling thread, as embedded databases do: the writer then gets a
    /// thread of its own, so that no pool thread is held up.
    /// </summary>
    bool CommitsOnCallingThread { get; }

    /// <summary>
    /// Commits a batch in one transaction: takes the log's lock, reads the facts, has
    /// <see cref="CommitDecision.Decide"/> decide each request in order, writes what was accepted and commits. Called
    /// by one writer at a time.
    /// </summary>
    /// <param name="batch">
    /// The requests. Those with <see cref="CommitRequest.Statements"/> come by themselves, and alone where they move a
    /// checkpoint. Behind one with <see cref="CommitRequest.Removals"/> none comes that appends or has conditions:
    /// streams would be as it leaves them, but conditions and repetitions would still meet the events that it removes.
    /// </param>
    /// <param name="now">The writer's clock; recorded times are the later of it and the last one in the log.</param>
    /// <param name="cancellationToken">Gives up before the transaction begins; from then on it is ignored.</param>
    /// <returns>An outcome for each request, in order. Durable when returned.</returns>
    /// <exception cref="StorageException">The transaction failed as a whole, and nothing of it is in the log; or
    /// <see cref="StorageException.IsInDoubt"/> says that this is not known.</exception>
    ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The end of the log.</summary>
    ValueTask<LogHead> GetHead(CancellationToken cancellationToken);

    /// <summary>
    /// Returns when the log may have moved past <paramref name="seen"/> by another node's doing, or after a time of the
    /// storage's choice.
    /// </summary>
    ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken);

    /// <summary>
    /// Looks where the log ends, and reads what was written beyond an end that is known, unless that is much: for less
    /// than by <see cref="GetHead"/> and then <see cref="ReadLog"/>, as it is by default, where the storage can ask for
    /// both at once.
    /// </summary>
    /// <param name="seen">The end that is known.</param>
    /// <param name="limit">The most events to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    async ValueTask<LogUpdate> ReadNews(LogHead seen, int limit, CancellationToken cancellationToken)
    {
        var head = await GetHead(cancellationToken).ConfigureAwait(false);
        var count = head.Position - seen.Position;
        if (head.Epoch != seen.Epoch || count < 1 || count > limit)
            return new LogUpdate(head, []);
        var query = new LogPageQuery(EventFilter.All, seen.Position + 1, IsBackwards: false, (int)count);
        var page = await ReadLog(query, cancellationToken).ConfigureAwait(false);
        return new LogUpdate(head, page.Events);
    }

    /// <summary>Reads a page of one stream. Events removed or never there are not in it; a deleted stream has
    /// none.</summary>
    ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken);

    /// <summary>Reads a page of the log.</summary>
    ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to read the log page after page: what <see cref="ReadLog"/> returns, for less where the storage can go on
    /// from one page to the next. By default each is read by itself.
    /// </summary>
    /// <remarks>
    /// A page in the midst of the log may show it as it stood up to a second before the page was asked for; that
    /// nothing is left behind a page is told as of when it was asked for.
    /// </remarks>
    /// <param name="first">The first page. Those that follow have its filter, its direction and its limit.</param>
    IEventPages ReadPages(LogPageQuery first) => new SeparatePages(this, first);

    /// <summary>Finds events by id, first position first: one, unless an id was given to events of several
    /// streams.</summary>
    ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken);

    /// <summary>Finds an event by its id in one stream; the first, where a caller gave the id twice.</summary>
    ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken);

    /// <summary>Counts the events that match.</summary>
    ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken);

    /// <summary>The state of a stream; <see cref="StreamHead.None"/> when it never existed.</summary>
    ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken);

    /// <summary>Lists streams in order of their names, by Unicode code points (the order of their UTF-8
    /// bytes).</summary>
    /// <param name="prefix">What their names begin with; empty for all.</param>
    /// <param name="after">The name to go on after; null to begin.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Who holds a unique value, or null.</summary>
    ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken);

    /// <summary>The answer kept for a handled id, or null when it was not handled (or its window has passed).</summary>
    ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken);

    /// <summary>The removals recorded, oldest first.</summary>
    ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken);

    /// <summary>Reads the removals recorded, oldest first, in parts.</summary>
    /// <param name="after">The number to go on after; 0 to begin, <see cref="long.MaxValue"/> to learn the last one
    /// there is.</param>
    /// <param name="limit">The most to return, from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken);
}

/// <summary>The end of the log.</summary>
/// <param name="Epoch">Counts restores and promotions of the log, from 1.</param>
/// <param name="Position">The last position; 0 for an empty log.</param>
public readonly record struct LogHead(long Epoch, long Position);

/// <summary>What a log holds beyond an end that was known.</summary>
/// <param name="Head">Where it ends.</param>
/// <param name="Events">The events from there up to this end, in order, as far as a page holds them; none where they
/// are more than was asked for, or it is another epoch.</param>
public readonly record struct LogUpdate(LogHead Head, IReadOnlyList<RecordedEvent> Events);

/// <summary>A page of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">The first version wanted, included; when reading backwards <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">Whether to read towards version 1.</param>
/// <param name="Limit">The most events to return, from 1.</param>
public readonly record struct StreamPageQuery(StreamId Stream, long From, bool IsBackwards, int Limit)
{
    /// <summary>
    /// Whether the events are only folded into a state: id, time, metadata, source, correlation, causation, key and
    /// tags may then be missing. False by default.
    /// </summary>
    public bool IsFolded { get; init; }
}

/// <summary>A page of the log.</summary>
/// <param name="Filter">What to return.</param>
/// <param name="From">The first position wanted, included; when reading backwards <see cref="long.MaxValue"/> is the
/// end.</param>
/// <param name="IsBackwards">Whether to read towards position 1.</param>
/// <param name="Limit">The most events to return, from 1.</param>
public readonly record struct LogPageQuery(EventFilter Filter, long From, bool IsBackwards, int Limit)
{
    /// <summary>Whether only what the events are is wanted: payload and metadata may then be empty. False by
    /// default.</summary>
    public bool IsBrief { get; init; }
}

/// <summary>Events in order, and where to go on.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">The version or position to go on from, included; further than the last event where later ones did
/// not match.</param>
/// <param name="IsEnd">True when nothing was left beyond this page at the time of reading.</param>
public readonly record struct EventPage(IReadOnlyList<RecordedEvent> Events, long Next, bool IsEnd);
