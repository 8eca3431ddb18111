namespace Millrace.Storage.Archives;

/// <summary>Adds the archived contents to the events of a log.</summary>
internal sealed class ArchivedLog(ILogStorage inner, ArchiveContents contents) : ILogStorage
{
    public bool CommitsOnCallingThread => inner.CommitsOnCallingThread;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.Commit(batch, now, cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => inner.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        inner.WaitForChange(seen, cancellationToken);

    public async ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken)
    {
        var update = await inner.ReadUpdate(seen, limit, cancellationToken).ConfigureAwait(false);
        var events = await contents.Resolve(update.Events, cancellationToken).ConfigureAwait(false);
        return ReferenceEquals(events, update.Events) ? update : update with { Events = events };
    }

    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        var page = await inner.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return await contents.Resolve(page, isBrief: false, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        var page = await inner.ReadLog(query, cancellationToken).ConfigureAwait(false);
        return await contents.Resolve(page, query.IsBrief, cancellationToken).ConfigureAwait(false);
    }

    public IEventPages ReadPages(LogPageQuery first) =>
        new ArchivedPages(inner.ReadPages(first), contents, first.IsBrief);

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        await inner.FindEvent(id, cancellationToken).ConfigureAwait(false) is { } found
            ? await contents.Resolve(found, cancellationToken).ConfigureAwait(false)
            : null;

    public async ValueTask<RecordedEvent?> FindEvent(
        StreamId stream, Guid id, CancellationToken cancellationToken) =>
        await inner.FindEvent(stream, id, cancellationToken).ConfigureAwait(false) is { } found
            ? await contents.Resolve(found, cancellationToken).ConfigureAwait(false)
            : null;

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        inner.Count(filter, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        inner.ListEventTypes(cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        inner.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        inner.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        inner.FindClaim(scope, value, cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        inner.ListClaims(scope, after, limit, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        inner.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        inner.ListHandled(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => inner.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadRemovals(after, limit, cancellationToken);
}
