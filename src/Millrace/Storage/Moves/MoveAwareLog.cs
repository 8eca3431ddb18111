namespace Millrace.Storage.Moves;

/// <summary>Accesses the log in the storage that the store currently uses.</summary>
internal sealed class MoveAwareLog(MoveAwareStorage moveAware) : ILogStorage
{
    public bool CommitsOnCallingThread => moveAware.CommitsOnCallingThread;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Log.Commit(args.batch, args.now, cancel),
            (batch, now),
            cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        moveAware.Current.Log.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        moveAware.Current.Log.WaitForChange(seen, cancellationToken);

    public ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ReadUpdate(seen, limit, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ReadStream(query, cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ReadLog(query, cancellationToken);

    public IEventPages ReadPages(LogPageQuery first) => new MoveAwarePages(moveAware, first);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        moveAware.Current.Log.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        moveAware.Current.Log.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        moveAware.Current.Log.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        moveAware.Current.Log.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        moveAware.Current.Log.FindClaim(scope, value, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        moveAware.Current.Log.ListEventTypes(cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ListClaims(scope, after, limit, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        moveAware.Current.Log.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ListHandled(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream,
        CancellationToken cancellationToken) => moveAware.Current.Log.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        moveAware.Current.Log.ReadRemovals(after, limit, cancellationToken);
}
