using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>A storage whose commits and reads can be made to wait or to fail, to see what an application does
/// then.</summary>
/// <remarks>It owns the storage under it. Set the hooks before the store is opened, or while nothing is under
/// way.</remarks>
public sealed class FaultInjectingStorage : IStorage
{
    private readonly IStorage _inner;

    /// <summary>Puts itself in front of a storage.</summary>
    public FaultInjectingStorage(IStorage inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        Log = new FaultInjectingLog(this, inner.Log);
    }

    /// <summary>
    /// Called before each commit with its batch and the number of the commit, from 1: what it throws fails the commit,
    /// of which nothing is written then; while it waits, the commit does.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? BeforeCommit { get; set; }

    /// <summary>
    /// Called after each commit, before its outcome is known: what it throws fails the commit although all of it is
    /// written. Throw a <see cref="StorageException"/> with <see cref="StorageProblem.InDoubt"/>, as a storage does
    /// whose connection broke.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? AfterCommit { get; set; }

    /// <summary>Called before each read of the log, also of a snapshot with its stream: what it throws fails the
    /// read.</summary>
    public Func<ValueTask>? BeforeRead { get; set; }

    /// <summary>What it says of how it commits; null for what the storage under it says.</summary>
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

    /// <summary>What is to be done before a read.</summary>
    internal ValueTask RunBeforeRead() => BeforeRead is { } before ? before() : ValueTask.CompletedTask;
}
