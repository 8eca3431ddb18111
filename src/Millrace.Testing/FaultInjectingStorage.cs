using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// A storage that can delay commits and reads or make them fail. Use it to test how an application reacts to faults.
/// </summary>
/// <remarks>
/// The storage disposes the inner storage. Set the hooks before the store is opened, or while no operation runs.
/// </remarks>
public sealed class FaultInjectingStorage : IStorage
{
    private readonly IStorage _inner;

    /// <summary>Creates a storage that adds faults to an inner storage.</summary>
    public FaultInjectingStorage(IStorage inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        Log = new FaultInjectingLog(this, inner.Log);
    }

    /// <summary>
    /// Gets or sets a function that runs before each commit. It gets the batch and the number of the commit, from 1.
    /// The commit waits for the returned task. If the function throws, the commit fails and writes nothing.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? BeforeCommit { get; set; }

    /// <summary>
    /// Gets or sets a function that runs after each commit, before the outcome is returned. If the function throws, the
    /// commit fails although it has written everything. To simulate a lost connection, throw a
    /// <see cref="StorageException"/> with <see cref="StorageProblem.InDoubt"/>.
    /// </summary>
    public Func<IReadOnlyList<CommitRequest>, int, ValueTask>? AfterCommit { get; set; }

    /// <summary>
    /// Gets or sets a function that runs before each read of the log or of a snapshot. If the function throws, the read
    /// fails.
    /// </summary>
    public Func<ValueTask>? BeforeRead { get; set; }

    /// <summary>
    /// Gets whether commits run on the calling thread, or null to use the value of the inner storage.
    /// </summary>
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
    public IQueryPlanner? Planner => _inner.Planner;

    /// <inheritdoc/>
    public string? DataDirectory => _inner.DataDirectory;

    /// <inheritdoc/>
    public string? MissingFile => _inner.MissingFile;

    /// <inheritdoc/>
    public ValueTask Open(CancellationToken cancellationToken) => _inner.Open(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask Ping(CancellationToken cancellationToken)
    {
        await RunBeforeRead();
        await _inner.Ping(cancellationToken);
    }

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
