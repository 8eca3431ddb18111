using Millrace.Storage;

namespace Millrace.Tests.Store;

/// <summary>
/// A storage that reports only the reads of pages. It does not report reads of the log head, because the store
/// reads the head at any time.
/// </summary>
internal sealed class PageReads(IStorage storage) : IStorage, ILogStorage
{
    /// <summary>Gets or sets the function that runs before each page. Its exception fails the read.</summary>
    public Func<ValueTask>? BeforePage { get; set; }

    public string Description => storage.Description;

    public ILogStorage Log => this;

    public IDocumentStorage Documents => storage.Documents;

    public ILeaseStorage Leases => storage.Leases;

    public IDeadLetterStorage DeadLetters => storage.DeadLetters;

    public IMaintenanceStorage Maintenance => storage.Maintenance;

    public bool CommitsOnCallingThread => storage.Log.CommitsOnCallingThread;

    public ValueTask Open(CancellationToken cancellationToken) => storage.Open(cancellationToken);

    public ValueTask DisposeAsync() => storage.DisposeAsync();

    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        if (BeforePage is { } before)
            await before();
        return await storage.Log.ReadStream(query, cancellationToken);
    }

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        if (BeforePage is { } before)
            await before();
        return await storage.Log.ReadLog(query, cancellationToken);
    }

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        storage.Log.Commit(batch, now, cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => storage.Log.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        storage.Log.WaitForChange(seen, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        storage.Log.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        storage.Log.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        storage.Log.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        storage.Log.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        storage.Log.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        storage.Log.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        storage.Log.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => storage.Log.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        storage.Log.ReadRemovals(after, limit, cancellationToken);
}
