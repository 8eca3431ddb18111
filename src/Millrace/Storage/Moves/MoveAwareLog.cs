namespace Millrace.Storage.Moves;

/// <summary>Accesses the log in the storage that the store currently uses.</summary>
internal sealed class MoveAwareLog(MoveAwareStorage following) : ILogStorage
{
    public bool CommitsOnCallingThread => following.CommitsOnCallingThread;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, args, cancel) => storage.Log.Commit(args.batch, args.now, cancel),
            (batch, now),
            cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        following.Current.Log.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        following.Current.Log.WaitForChange(seen, cancellationToken);

    public ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken) =>
        following.Current.Log.ReadUpdate(seen, limit, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        following.Current.Log.ReadStream(query, cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        following.Current.Log.ReadLog(query, cancellationToken);

    public IEventPages ReadPages(LogPageQuery first) => new MoveAwarePages(following, first);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        following.Current.Log.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        following.Current.Log.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        following.Current.Log.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        following.Current.Log.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        following.Current.Log.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        following.Current.Log.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        following.Current.Log.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream,
        CancellationToken cancellationToken) => following.Current.Log.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        following.Current.Log.ReadRemovals(after, limit, cancellationToken);
}
