using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// Limits the total number of connections that a node has to several databases. Each database has its own pool. When a
/// pool needs a connection and the limit is reached, the budget closes the idle connections of the least recently used
/// pool.
/// </summary>
/// <remarks>
/// The count is an upper bound: a connection that broke, or that a pool closed, counts until its pool is cleared.
/// Callers are served in order of arrival.
/// </remarks>
internal sealed class ConnectionBudget(int limit, TimeSpan timeout, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<BudgetedPool> _pools = [];
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _open;

    /// <summary>The maximum number of connections.</summary>
    public int Limit { get; } = limit;

    /// <summary>The number of open connections.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open;
        }
    }

    public BudgetedPool Add(NpgsqlDataSource source)
    {
        var pool = new BudgetedPool(source, this);
        lock (_lock)
            _pools.Add(pool);
        return pool;
    }

    /// <summary>
    /// Acquires a slot for a connection of a pool. Returns how often the pool had been cleared when the slot was
    /// acquired.
    /// </summary>
    /// <exception cref="StorageException">All connections were in use until the timeout.</exception>
    public async ValueTask<long> Acquire(BudgetedPool pool, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var hasWaited = false; ; hasWaited = true)
        {
            BudgetedPool? cleared = null;
            LinkedListNode<TaskCompletionSource>? waiter = null;
            long clearCount;
            lock (_lock)
            {
                if ((!hasWaited && _waiting.Count > 0) || !TryAcquire(pool, out cleared))
                    waiter = Enqueue(hasWaited);
                else if (_open < Limit || FindLeastRecentlyUsedIdle() is not null)
                    WakeNext();
                clearCount = pool.ClearCount;
            }
            cleared?.Source.Clear();
            if (waiter is null)
                return clearCount;
            await Wait(waiter, timeout - time.GetElapsedTime(started), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Releases a slot. The connection stays in its pool, unless the pool was cleared after the slot was acquired.
    /// </summary>
    public void Release(BudgetedPool pool, long clearCount)
    {
        lock (_lock)
        {
            pool.InUseCount--;
            pool.LastReleasedAt = time.GetTimestamp();
            if (clearCount != pool.ClearCount || pool.IsRemoved)
                Drop(pool, 1);
            WakeNext();
        }
    }

    /// <summary>
    /// Releases a slot whose connection could not be opened. Clears the pool, because its number of open connections is
    /// unknown then.
    /// </summary>
    public void ReleaseFailed(BudgetedPool pool)
    {
        lock (_lock)
        {
            pool.InUseCount--;
            Drop(pool, pool.OpenCount - pool.InUseCount);
            pool.ClearCount++;
            WakeNext();
        }
        pool.Source.Clear();
    }

    /// <summary>Removes a pool. Its idle connections must be closed already.</summary>
    public void Remove(BudgetedPool pool)
    {
        lock (_lock)
        {
            pool.IsRemoved = true;
            Drop(pool, pool.OpenCount - pool.InUseCount);
            _pools.Remove(pool);
            WakeNext();
        }
    }

    /// <summary>
    /// Adds a waiter to the queue: at the front if it was woken before and found no slot, otherwise at the end. The
    /// caller must hold the lock.
    /// </summary>
    private LinkedListNode<TaskCompletionSource> Enqueue(bool wasWoken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return wasWoken ? _waiting.AddFirst(waiter) : _waiting.AddLast(waiter);
    }

    /// <summary>
    /// Takes a slot. If the limit is reached, closes the idle connections of another pool. Returns false if no pool has
    /// idle connections. The caller must hold the lock, and must clear the pool in <paramref name="cleared"/> after
    /// releasing it.
    /// </summary>
    private bool TryAcquire(BudgetedPool pool, out BudgetedPool? cleared)
    {
        cleared = null;
        if (pool.InUseCount == pool.OpenCount)
        {
            if (_open >= Limit)
            {
                cleared = FindLeastRecentlyUsedIdle();
                if (cleared is null)
                    return false;
                Drop(cleared, cleared.OpenCount - cleared.InUseCount);
                cleared.ClearCount++;
            }
            _open++;
            pool.OpenCount++;
        }
        pool.InUseCount++;
        return true;
    }

    /// <summary>Returns the least recently used pool that has idle connections, or null.</summary>
    private BudgetedPool? FindLeastRecentlyUsedIdle()
    {
        BudgetedPool? oldest = null;
        foreach (var pool in _pools)
        {
            if (pool.OpenCount > pool.InUseCount && (oldest is null || pool.LastReleasedAt < oldest.LastReleasedAt))
                oldest = pool;
        }
        return oldest;
    }

    private void Drop(BudgetedPool pool, int connections)
    {
        pool.OpenCount -= connections;
        _open -= connections;
    }

    /// <summary>Wakes the first waiter, which then tries again. The caller must hold the lock.</summary>
    private void WakeNext()
    {
        if (_waiting.First is not { } first)
            return;
        _waiting.RemoveFirst();
        first.Value.TrySetResult();
    }

    private async ValueTask Wait(
        LinkedListNode<TaskCompletionSource> waiter, TimeSpan remaining, CancellationToken cancellationToken)
    {
        try
        {
            await waiter
                .Value.Task.WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (waiter.List is null)
                    WakeNext(); // This waiter was woken, but it has stopped waiting. Wake the next one instead.
                else
                    _waiting.Remove(waiter);
            }
            if (exception is OperationCanceledException)
                throw;
            throw new StorageException(
                $"All {Limit} connections to the databases of the tenants were in use for {timeout.TotalSeconds:0.#} "
                    + "seconds. Try again later, or raise PostgreSqlOptions.MaxConnections.",
                StorageProblem.Busy);
        }
    }
}
