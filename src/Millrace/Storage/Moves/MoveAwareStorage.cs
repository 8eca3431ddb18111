namespace Millrace.Storage.Moves;

/// <summary>
/// A store that may be moved between two storages while an application uses it: where one refuses because the store was
/// moved, the application goes on at the other one.
/// </summary>
/// <remarks>A request that was refused so has done nothing, and is made again there; who waited for it notices no more
/// than that.</remarks>
internal sealed class MoveAwareStorage : IStorage
{
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly IStorage _first;
    private readonly IStorage _second;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _following = new(1);
    private volatile IStorage _current;

    public MoveAwareStorage(IStorage first, IStorage second, TimeProvider time)
    {
        (_first, _second, _time, _current) = (first, second, time, first);
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

    /// <summary>Where the store was last found.</summary>
    public IStorage Current => _current;

    /// <summary>Whether one of the two commits on its caller's thread, so that the writer needs one of its
    /// own.</summary>
    public bool CommitsOnCallingThread => _first.Log.CommitsOnCallingThread || _second.Log.CommitsOnCallingThread;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        var current = _current;
        try
        {
            await current.Open(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
        {
            await Follow(current, moved, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        _current.ReadSnapshot(query, cancellationToken);

    /// <summary>Does something where the store is.</summary>
    public async ValueTask<TResult> Execute<TState, TResult>(
        Func<IStorage, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
    {
        var current = _current;
        try
        {
            return await work(current, state, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
        {
            current = await Follow(current, moved, cancellationToken).ConfigureAwait(false);
        }
        return await work(current, state, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does something where the store is.</summary>
    public async ValueTask Execute<TState>(
        Func<IStorage, TState, CancellationToken, ValueTask> work, TState state, CancellationToken cancellationToken) =>
        await Execute(
            static async (storage, all, cancel) =>
            {
                await all.work(storage, all.state, cancel).ConfigureAwait(false);
                return 0;
            },
            (work, state),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync().ConfigureAwait(false);
        await _second.DisposeAsync().ConfigureAwait(false);
        _following.Dispose();
    }

    /// <summary>
    /// Refuses a place that was opened before and is closed now, or not open again yet: opening it once more looks at
    /// nothing.
    /// </summary>
    private static ValueTask RefuseClosed(IStorage place, CancellationToken cancellationToken) =>
        place is IMovableStorage movable ? movable.Moves.RefuseClosed(cancellationToken) : ValueTask.CompletedTask;

    private static async ValueTask<bool> IsOpen(IStorage place, CancellationToken cancellationToken)
    {
        try
        {
            await RefuseClosed(place, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    /// <summary>Opens the other storage, when nobody else has done so, waiting a while for its last step.</summary>
    private async ValueTask<IStorage> Follow(
        IStorage refused, StorageException moved, CancellationToken cancellationToken)
    {
        await _following.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_current != refused)
                return _current;
            var other = refused == _first ? _second : _first;
            var started = _time.GetTimestamp();
            while (true)
            {
                try
                {
                    await other.Open(cancellationToken).ConfigureAwait(false);
                    await RefuseClosed(other, cancellationToken).ConfigureAwait(false);
                    return _current = other;
                }
                catch (StorageException busy)
                    when (busy.Problem == StorageProblem.Busy && _time.GetElapsedTime(started) < RetryTimeout)
                {
                    await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
                }
                catch (StorageException both) when (both.Problem == StorageProblem.Moved)
                {
                    if (await IsOpen(refused, cancellationToken).ConfigureAwait(false))
                        return refused; // It was moved back meanwhile.
                    throw new StorageException(
                        $"{moved.Message} The application also knows {other.Description}, but that was moved as well: "
                            + $"{both.Message}",
                        StorageProblem.Moved, both);
                }
            }
        }
        finally
        {
            _following.Release();
        }
    }
}
