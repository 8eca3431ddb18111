namespace Millrace.Storage.Moves;

/// <summary>
/// The storage of a store that may be moved between two storages while an application uses it. When one storage refuses
/// a request because the store was moved, the application continues with the other storage.
/// </summary>
/// <remarks>
/// A request that was refused for this reason had no effect, so it is repeated at the other storage. The caller only
/// notices a delay.
/// </remarks>
internal sealed class MoveAwareStorage : IStorage
{
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly IStorage _first;
    private readonly IStorage _second;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _switchLock = new(1);
    private volatile IStorage _current;

    public MoveAwareStorage(IStorage first, IStorage second, TimeProvider time)
    {
        _first = first;
        _second = second;
        _time = time;
        _current = first;
        Log = new MoveAwareLog(this);
        Documents = new MoveAwareDocuments(this);
        Leases = new MoveAwareLeases(this);
        DeadLetters = new MoveAwareDeadLetters(this);
        Maintenance = new MoveAwareMaintenance(this);
    }

    public string Description => _current.Description;

    public ILogStorage Log { get; }

    public IDocumentStorage Documents { get; }

    public ILeaseStorage Leases { get; }

    public IDeadLetterStorage DeadLetters { get; }

    public IMaintenanceStorage Maintenance { get; }

    public IQueryPlanner? Planner => _current.Planner;

    public string? DataDirectory => _current.DataDirectory;

    public string? MissingFile => _current.MissingFile;

    /// <summary>Gets the storage that contained the store at the last successful request.</summary>
    public IStorage Current => _current;

    /// <summary>
    /// Gets whether one of the two storages commits on the calling thread, so that the writer needs a dedicated thread.
    /// </summary>
    public bool CommitsOnCallingThread => _first.Log.CommitsOnCallingThread || _second.Log.CommitsOnCallingThread;

    public ValueTask Ping(CancellationToken cancellationToken) => _current.Ping(cancellationToken);

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        var current = _current;
        try
        {
            await current.Open(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
        {
            await SwitchStorage(current, moved, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        _current.ReadSnapshot(query, cancellationToken);

    /// <summary>Runs an operation at the store's current storage.</summary>
    public async ValueTask<TResult> Execute<TState, TResult>(
        Func<IStorage, TState, CancellationToken, ValueTask<TResult>> operation,
        TState state,
        CancellationToken cancellationToken)
    {
        var current = _current;
        try
        {
            return await operation(current, state, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
        {
            current = await SwitchStorage(current, moved, cancellationToken).ConfigureAwait(false);
        }
        return await operation(current, state, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs an operation at the store's current storage.</summary>
    public async ValueTask Execute<TState>(
        Func<IStorage, TState, CancellationToken, ValueTask> operation,
        TState state,
        CancellationToken cancellationToken) =>
        await Execute(
            static async (storage, all, cancel) =>
            {
                await all.operation(storage, all.state, cancel).ConfigureAwait(false);
                return 0;
            },
            (operation, state),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync().ConfigureAwait(false);
        await _second.DisposeAsync().ConfigureAwait(false);
        _switchLock.Dispose();
    }

    /// <summary>
    /// Throws an exception if the storage is closed because of a move. This check is necessary because opening an open
    /// storage again checks nothing.
    /// </summary>
    private static ValueTask ThrowIfClosed(IStorage storage, CancellationToken cancellationToken) =>
        storage is IMovableStorage movable ? movable.Moves.ThrowIfClosed(cancellationToken) : ValueTask.CompletedTask;

    private static async ValueTask<bool> IsOpen(IStorage storage, CancellationToken cancellationToken)
    {
        try
        {
            await ThrowIfClosed(storage, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    /// <summary>
    /// Opens the other storage, unless another caller has already opened it. Waits for the last step of the move, up to
    /// a time limit.
    /// </summary>
    private async ValueTask<IStorage> SwitchStorage(
        IStorage refusingStorage, StorageException moved, CancellationToken cancellationToken)
    {
        await _switchLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_current != refusingStorage)
                return _current;
            var other = refusingStorage == _first ? _second : _first;
            var started = _time.GetTimestamp();
            while (true)
            {
                try
                {
                    await other.Open(cancellationToken).ConfigureAwait(false);
                    await ThrowIfClosed(other, cancellationToken).ConfigureAwait(false);
                    return _current = other;
                }
                catch (StorageException busy)
                    when (busy.Problem == StorageProblem.Busy && _time.GetElapsedTime(started) < RetryTimeout)
                {
                    await Task.Delay(RetryInterval, _time, cancellationToken).ConfigureAwait(false);
                }
                catch (StorageException otherMoved) when (otherMoved.Problem == StorageProblem.Moved)
                {
                    if (await IsOpen(refusingStorage, cancellationToken).ConfigureAwait(false))
                        return refusingStorage; // The store was moved back.
                    throw new StorageException(
                        $"{moved.Message} The application also knows {other.Description}, but this storage "
                            + $"was also moved: {otherMoved.Message}",
                        StorageProblem.Moved, otherMoved);
                }
            }
        }
        finally
        {
            _switchLock.Release();
        }
    }
}
