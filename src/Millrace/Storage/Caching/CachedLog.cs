namespace Millrace.Storage.Caching;

/// <summary>
/// Reads the log from memory. Before each read, it compares the end of the copy with the end of the log, and reads what
/// is new, so that a read includes all that was acknowledged before it, by any node. Reads at the same time share one
/// comparison.
/// </summary>
internal sealed class CachedLog(ILogStorage primary, ILogCopy copy) : ILogStorage
{
    private readonly LogFollower _follower = new(primary, copy);

    public bool CommitsOnCallingThread => primary.CommitsOnCallingThread;

    /// <summary>Fills the copy, or adds what is new.</summary>
    public ValueTask CatchUp(CancellationToken cancellationToken) => _follower.CatchUp(cancellationToken);

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        primary.Commit(batch, now, cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => primary.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        primary.WaitForChange(seen, cancellationToken);

    public ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken) =>
        primary.ReadUpdate(seen, limit, cancellationToken);

    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        EventPage page;
        if (copy.Has(query))
        {
            await _follower.CatchUp(cancellationToken).ConfigureAwait(false);
            if (copy.TryRead(query, out page))
                return page;
        }
        var read = query with { IsFolded = false }; // The copy keeps whole events.
        var state = _follower.State;
        page = await primary.ReadStream(read, cancellationToken).ConfigureAwait(false);
        _follower.Keep(read, page, state);
        return page;
    }

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        if (!copy.IsWhole)
            return await primary.ReadLog(query, cancellationToken).ConfigureAwait(false);
        await _follower.CatchUp(cancellationToken).ConfigureAwait(false);
        return copy.TryRead(query, out var page)
            ? page
            : await primary.ReadLog(query, cancellationToken).ConfigureAwait(false);
    }

    public IEventPages ReadPages(LogPageQuery first) =>
        copy.IsWhole ? new SeparatePages(this, first) : primary.ReadPages(first);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        Find(id, stream: null, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        Find(id, stream, cancellationToken);

    public async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        if (copy.IsWhole)
            await _follower.CatchUp(cancellationToken).ConfigureAwait(false);
        return copy.TryCount(filter, out var count)
            ? count
            : await primary.Count(filter, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        primary.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        primary.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        primary.FindClaim(scope, value, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        primary.ListEventTypes(cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        primary.ListClaims(scope, after, limit, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        primary.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        primary.ListHandled(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => primary.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        primary.ReadRemovals(after, limit, cancellationToken);

    private async ValueTask<RecordedEvent?> Find(Guid id, StreamId? stream, CancellationToken cancellationToken)
    {
        if (copy.IsWhole)
            await _follower.CatchUp(cancellationToken).ConfigureAwait(false);
        if (copy.TryFind(id, stream, out var found) && found is not null)
            return found; // If it is not there, the storage may first have to settle a commit in doubt.
        return stream is { } known
            ? await primary.FindEvent(known, id, cancellationToken).ConfigureAwait(false)
            : await primary.FindEvent(id, cancellationToken).ConfigureAwait(false);
    }
}
