using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// A storage whose commits and reads can be delayed or made to fail, to test how an application reacts.
/// </summary>
/// <remarks>It owns the inner storage. Set the hooks before the store is opened, or while no operation runs.</remarks>
public sealed class FaultInjectingStorage : IStorage
{
    private readonly IStorage _inner;

    /// <summary>Wraps a storage.</summary>
    public FaultInjectingStorage(IStorage inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        Log = new FaultInjectingLog(this, inner.Log);
    }

    /// <summary>
    /// Called before each commit with its batch and the number of the commit, from 1. An exception makes the commit
    /// fail without writing anything. The commit waits for the returned task.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? BeforeCommit { get; set; }

    /// <summary>
    /// Called after each commit, before its outcome is returned. An exception makes the commit fail although everything
    /// is written. To simulate a lost connection, throw a <see cref="StorageException"/> with
    /// <see cref="StorageProblem.InDoubt"/>.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? AfterCommit { get; set; }

    /// <summary>
    /// Called before each read of the log, and of a snapshot with its stream. An exception makes the read fail.
    /// </summary>
    public Func<ValueTask>? BeforeRead { get; set; }

    /// <summary>Overrides whether commits run on the calling thread; null for the value of the inner storage.</summary>
    internal bool? CommitsOnCallingThread { get; init; }

    /// <inheritdoc/>
    public string Description => $"{_inner.Description}, with faults";

    /// <inheritdoc/>
    public ILogStorage Log { get; }

    /// <inheritdoc/>
    public IDocumentStorage Documents => _inner.Documents;

    /// <inheritdoc/>
    public ILeaseStorage Leases => _inner.Leases;

    /// <inheritdoc/>
    public IDeadLetterStorage DeadLetters => _inner.DeadLetters;

    /// <inheritdoc/>
    public IMaintenanceStorage Maintenance => _inner.Maintenance;

    /// <inheritdoc/>
    public ValueTask Open(CancellationToken cancellationToken) => _inner.Open(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        await RunBeforeRead();
        return await _inner.ReadSnapshot(query, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Runs the hook before a read.</summary>
    internal ValueTask RunBeforeRead() => BeforeRead is { } before ? before() : ValueTask.CompletedTask;
}
