using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>A wrapper of a storage that injects failures and disconnections for one node.</summary>
internal sealed class FaultyStorage(IStorage storage) : IStorage, ILogStorage
{
    private volatile bool _isDisconnected;
    private long _eventsRead;
    private long _documentsWritten;

    /// <summary>Gets the number of events that the node has read from the log by position.</summary>
    public long EventsRead => Interlocked.Read(ref _eventsRead);

    /// <summary>Gets the number of documents that the node has written.</summary>
    public long DocumentsWritten => Interlocked.Read(ref _documentsWritten);

    /// <summary>Gets or sets code of other nodes that runs immediately before this node's next commit.</summary>
    public Func<Task>? BeforeNextCommit { get; set; }

    /// <summary>Gets or sets a function that returns the fault of each commit that moves a checkpoint.</summary>
    public Func<CommitFault> NextFault { get; set; } = static () => CommitFault.None;

    /// <summary>Gets or sets a function that returns the fault of each request by its content.</summary>
    public Func<CommitRequest, CommitFault> FaultOf { get; set; } = static _ => CommitFault.None;

    /// <summary>Gets or sets an action that runs after each committed request of this node.</summary>
    public Action<CommitRequest>? Committed { get; set; }

    /// <summary>Gets or sets a function that replaces each request of this node.</summary>
    public Func<CommitRequest, CommitRequest>? Change { get; set; }

    /// <summary>
    /// Gets or sets an action that runs before each document operation, with its name. If the action throws, the
    /// operation fails.
    /// </summary>
    public Action<string>? BeforeDocuments { get; set; }

    /// <summary>
    /// Gets or sets an action that runs before each lease operation, with its name. If the action throws, the operation
    /// fails.
    /// </summary>
    public Action<string>? BeforeLeases { get; set; }

    public string Description => storage.Description;

    public ILogStorage Log => this;

    // Wrappers keep the parts of a storage, so that a part without a connection continues when it is back.
    public IDocumentStorage Documents => _isDisconnected
        ? InterceptingProxy<IDocumentStorage>.Wrap(storage.Documents, _ => ThrowIfDisconnected())
        : BeforeDocuments is { } before ? InterceptingProxy<IDocumentStorage>.Wrap(storage.Documents, before)
        : storage.Documents;

    public ILeaseStorage Leases => _isDisconnected
        ? InterceptingProxy<ILeaseStorage>.Wrap(storage.Leases, _ => ThrowIfDisconnected())
        : BeforeLeases is { } before ? InterceptingProxy<ILeaseStorage>.Wrap(storage.Leases, before)
        : storage.Leases;

    public IDeadLetterStorage DeadLetters => _isDisconnected
        ? InterceptingProxy<IDeadLetterStorage>.Wrap(storage.DeadLetters, _ => ThrowIfDisconnected())
        : storage.DeadLetters;

    public IMaintenanceStorage Maintenance => storage.Maintenance;

    /// <summary>Gets the reported value. By default, it is the value of the inner storage.</summary>
    public bool CommitsOnCallingThread { get; init; } = storage.Log.CommitsOnCallingThread;

    private ILogStorage Inner => _isDisconnected ? throw Unavailable() : storage.Log;

    public static StorageException Unavailable() => new("The storage cannot be reached.", StorageProblem.Unavailable);

    /// <summary>Disconnects the node, like a crash or a network failure.</summary>
    public void Disconnect() => _isDisconnected = true;

    private void ThrowIfDisconnected()
    {
        if (_isDisconnected)
            throw Unavailable();
    }

    /// <summary>Reconnects the node.</summary>
    public void Reconnect() => _isDisconnected = false;

    public ValueTask Open(CancellationToken cancellationToken) =>
        _isDisconnected ? throw Unavailable() : storage.Open(cancellationToken);

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
            throw new StorageException("The storage refuses the commit.", StorageProblem.Other);
        if (Change is { } change)
            batch = [.. batch.Select(change)];
        var outcomes = await Inner.Commit(batch, now, cancellationToken);
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

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => Inner.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        Inner.WaitForChange(seen, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        Inner.ReadStream(query, cancellationToken);

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        var page = await Inner.ReadLog(query, cancellationToken);
        Interlocked.Add(ref _eventsRead, page.Events.Count);
        return page;
    }

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        Inner.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        Inner.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        Inner.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        Inner.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix,
        string? after,
        int limit,
        CancellationToken cancellationToken) => Inner.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        Inner.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        Inner.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => Inner.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        Inner.ReadRemovals(after, limit, cancellationToken);
}

/// <summary>A fault of a commit: none, a failure before the commit, an unknown outcome, or a refusal.</summary>
internal enum CommitFault
{
    None,
    Before,
    InDoubt,
    Refused,
}
