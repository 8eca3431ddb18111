using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>A storage as one node sees it, with injected failures and disconnections.</summary>
internal sealed class FaultyStorage(IStorage storage) : IStorage, ILogStorage
{
    private volatile bool _isCut;
    private long _eventsRead;
    private long _documentsWritten;

    /// <summary>The number of events read from the log by position.</summary>
    public long EventsRead => Interlocked.Read(ref _eventsRead);

    /// <summary>The number of document writes.</summary>
    public long DocumentsWritten => Interlocked.Read(ref _documentsWritten);

    /// <summary>Code of other nodes that runs just before this node's next commit.</summary>
    public Func<Task>? BeforeNextCommit { get; set; }

    /// <summary>Decides about each commit that moves a checkpoint: fail before it, in doubt after it, or
    /// succeed.</summary>
    public Func<CommitFault> NextFault { get; set; } = static () => CommitFault.None;

    /// <summary>Decides about each request by its content.</summary>
    public Func<CommitRequest, CommitFault> FaultOf { get; set; } = static _ => CommitFault.None;

    /// <summary>Called after each request that this node has committed.</summary>
    public Action<CommitRequest>? Committed { get; set; }

    /// <summary>Replaces a request of this node by another one.</summary>
    public Func<CommitRequest, CommitRequest>? Change { get; set; }

    /// <summary>Called with the name of each document operation before it runs; an exception fails the
    /// operation.</summary>
    public Action<string>? BeforeDocuments { get; set; }

    /// <summary>The same for lease operations.</summary>
    public Action<string>? BeforeLeases { get; set; }

    public string Description => storage.Description;

    public ILogStorage Log => this;

    public IDocumentStorage Documents => _isCut ? throw Unavailable()
        : BeforeDocuments is { } before ? InterceptingProxy<IDocumentStorage>.Of(storage.Documents, before)
        : storage.Documents;

    public ILeaseStorage Leases => _isCut ? throw Unavailable()
        : BeforeLeases is { } before ? InterceptingProxy<ILeaseStorage>.Of(storage.Leases, before)
        : storage.Leases;

    public IDeadLetterStorage DeadLetters => _isCut ? throw Unavailable() : storage.DeadLetters;

    public IMaintenanceStorage Maintenance => storage.Maintenance;

    /// <summary>The reported blocking behaviour; by default that of the inner storage.</summary>
    public bool CommitsOnCallingThread { get; init; } = storage.Log.CommitsOnCallingThread;

    private ILogStorage Behind => _isCut ? throw Unavailable() : storage.Log;

    public static StorageException Unavailable() => new("The storage cannot be reached.", StorageProblem.Unavailable);

    /// <summary>Disconnects the node, like a crash or a network failure.</summary>
    public void Cut() => _isCut = true;

    /// <summary>Reconnects the node.</summary>
    public void Restore() => _isCut = false;

    public ValueTask Open(CancellationToken cancellationToken) => storage.Open(cancellationToken);

    public ValueTask DisposeAsync() => storage.DisposeAsync();

    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (BeforeNextCommit is { } before)
        {
            BeforeNextCommit = null;
            await before();
        }
        var fault = batch.Any(request => request.Checkpoint is not null) ? NextFault() : CommitFault.None;
        for (var i = 0; i < batch.Count && fault == CommitFault.None; i++)
            fault = FaultOf(batch[i]);
        if (fault == CommitFault.Before)
            throw Unavailable();
        if (fault == CommitFault.Refused)
            throw new StorageException("A bit is wrong.", StorageProblem.Other);
        if (Change is { } change)
            batch = [.. batch.Select(change)];
        var outcomes = await Behind.Commit(batch, now, cancellationToken);
        Interlocked.Add(ref _documentsWritten, batch.Sum(request => request.Documents.Count));
        for (var i = 0; Committed is { } committed && i < batch.Count; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed)
                committed(batch[i]);
        }
        return fault == CommitFault.InDoubt
            ? throw new StorageException("The connection broke.", StorageProblem.InDoubt)
            : outcomes;
    }

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => Behind.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        Behind.WaitForChange(seen, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        Behind.ReadStream(query, cancellationToken);

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        var page = await Behind.ReadLog(query, cancellationToken);
        Interlocked.Add(ref _eventsRead, page.Events.Count);
        return page;
    }

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        Behind.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        Behind.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        Behind.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        Behind.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix,
        string? after,
        int limit,
        CancellationToken cancellationToken) => Behind.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        Behind.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        Behind.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => Behind.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        Behind.ReadRemovals(after, limit, cancellationToken);
}

/// <summary>The effect of a fault on a commit.</summary>
internal enum CommitFault
{
    None,
    Before,
    InDoubt,
    Refused,
}
