using Store1Space.Journal;

namespace Store1Space;

/// <summary>Appends and reads the events of the log. Implement <see cref="Commit"/> first.</summary>
/// <param name="store">The store in memory that does the work until you replace it.</param>
internal sealed class DatabaseLog(JournaledMemory store) : ILogStorage
{
    /// <summary>Writes to the disk on the calling thread.</summary>
    public bool CommitsOnCallingThread => true;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.Commit(batch, now, cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.GetHead(cancellationToken), cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        store.Wait(memory => memory.Log.WaitForChange(seen, cancellationToken), cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.ReadStream(query, cancellationToken), cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.ReadLog(query, cancellationToken), cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.FindEvent(id, cancellationToken), cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.FindEvent(stream, id, cancellationToken), cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.Count(filter, cancellationToken), cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.GetStream(stream, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.ListStreams(prefix, after, limit, cancellationToken), cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.FindClaim(scope, value, cancellationToken), cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.FindHandled(scope, id, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream,
        CancellationToken cancellationToken
    ) => store.Read(memory => memory.Log.ListRemovals(stream, cancellationToken), cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Log.ReadRemovals(after, limit, cancellationToken), cancellationToken);
}
