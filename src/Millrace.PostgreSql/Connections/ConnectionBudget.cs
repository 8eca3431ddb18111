using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// As many connections as a node may have to several databases together. Each database has a pool of its own, and one
/// that needs a connection when there are no more has the idle ones closed of the pool that was left for longest.
/// </summary>
/// <remarks>
/// What is counted is at least what there is: a connection that broke, or that a pool closed by itself, counts until
/// its pool is cleared. Waiting is first come, first served.
/// </remarks>
internal sealed class ConnectionBudget(int limit, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<BudgetedPool> _pools = [];
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _held;

    /// <summary>How many connections there are at most.</summary>
    public int Limit { get; } = limit;

    /// <summary>How many there are now.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    public BudgetedPool Add(NpgsqlDataSource source)
    {
        var pool = new BudgetedPool(source, this);
        lock (_lock)
            _pools.Add(pool);
        return pool;
    }

    /// <summary>Takes a place for a connection of a pool, and returns the round that it belongs to.</summary>
    /// <exception cref="StorageException">All were in use for too long.</exception>
    public async ValueTask<long> Take(BudgetedPool pool, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var hasWaited = false; ; hasWaited = true)
        {
            BudgetedPool? cleared = null;
            LinkedListNode<TaskCompletionSource>? place = null;
            long round;
            lock (_lock)
            {
                if ((!hasWaited && _waiting.Count > 0) || !TryTake(pool, out cleared))
                    place = Queue(hasWaited);
                else if (_held < Limit || MaxIdle() is not null)
                    Offer();
                round = pool.Round;
            }
            cleared?.Source.Clear();
            if (place is null)
                return round;
            await Wait(place, patience - time.GetElapsedTime(started), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a place back; the connection stays in its pool, unless that was cleared since it was
    /// taken.</summary>
    public void Release(BudgetedPool pool, long round)
    {
        lock (_lock)
        {
            pool.Rented--;
            pool.LeftAt = time.GetTimestamp();
            if (round != pool.Round || pool.IsRemoved)
                Drop(pool, 1);
            Offer();
        }
    }

    /// <summary>Counts a pool anew whose connection could not be opened: it is not known what it has.</summary>
    public void Failed(BudgetedPool pool)
    {
        lock (_lock)
        {
            pool.Rented--;
            Drop(pool, pool.Held - pool.Rented);
            pool.Round++;
            Offer();
        }
        pool.Source.Clear();
    }

    /// <summary>Takes a pool out, whose connections are closed.</summary>
    public void Remove(BudgetedPool pool)
    {
        lock (_lock)
        {
            pool.IsRemoved = true;
            Drop(pool, pool.Held - pool.Rented);
            _pools.Remove(pool);
            Offer();
        }
    }

    /// <summary>A place in the line: the last one, or the first for whom it was offered to in vain. Called under the
    /// lock.</summary>
    private LinkedListNode<TaskCompletionSource> Queue(bool isFirst)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return isFirst ? _waiting.AddFirst(turn) : _waiting.AddLast(turn);
    }

    /// <summary>Called under the lock.</summary>
    private bool TryTake(BudgetedPool pool, out BudgetedPool? cleared)
    {
        cleared = null;
        if (pool.Rented == pool.Held)
        {
            if (_held >= Limit)
            {
                cleared = MaxIdle();
                if (cleared is null)
                    return false;
                Drop(cleared, cleared.Held - cleared.Rented);
                cleared.Round++;
            }
            _held++;
            pool.Held++;
        }
        pool.Rented++;
        return true;
    }

    /// <summary>The pool with idle connections that was used last of all the longest ago; null when none has
    /// any.</summary>
    private BudgetedPool? MaxIdle()
    {
        BudgetedPool? longest = null;
        foreach (var pool in _pools)
        {
            if (pool.Held > pool.Rented && (longest is null || pool.LeftAt < longest.LeftAt))
                longest = pool;
        }
        return longest;
    }

    private void Drop(BudgetedPool pool, int connections)
    {
        pool.Held -= connections;
        _held -= connections;
    }

    /// <summary>Lets the first that waits look again. Called under the lock.</summary>
    private void Offer()
    {
        if (_waiting.First is not { } first)
            return;
        _waiting.RemoveFirst();
        first.Value.TrySetResult();
    }

    private async ValueTask Wait(
        LinkedListNode<TaskCompletionSource> place, TimeSpan left, CancellationToken cancellationToken)
    {
        try
        {
            await place
                .Value.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (place.List is null)
                    Offer(); // It was this one's turn: the next one takes it.
                else
                    _waiting.Remove(place);
            }
            if (exception is OperationCanceledException)
                throw;
            throw new StorageException(
                $"All {Limit} connections to the databases of the tenants were in use for {patience.TotalSeconds:0.#} "
                    + $"seconds. Try again "
                + "later, or raise PostgreSqlOptions.MaxConnections.",
                StorageProblem.Busy);
        }
    }
}
