namespace Millrace.Locking;

/// <summary>
/// The wait queues of one program for the locks of one provider. Of the callers that wait for a lock, only the first
/// sends requests to the provider.
/// </summary>
/// <remarks>
/// Callers of one program therefore get a lock in the order of their requests. The provider gets only one request per
/// program, even if many callers wait. There is no order between programs. A busy program regularly waits so that other
/// programs can request the lock first. Cohort locks work in the same way (Dice, Marathe and Shavit, "Lock Cohorting",
/// PPoPP 2012).
/// </remarks>
internal sealed class LockWaitQueues
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LockWaitQueue> _queues = new(StringComparer.Ordinal);
    private int _sweepAt = 128;

    /// <summary>Waits until no other caller of this program is before this caller in the queue.</summary>
    /// <param name="request">The lock, and the time to wait.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The right to request the lock; null if the same owner already has this right, or if the wait time has
    /// elapsed.</returns>
    public async ValueTask<LockQueueSlot?> Wait(
        LockRequest request, string owner, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<LockQueueSlot?> granted;
        LinkedListNode<LockWaiter> waiter;
        LockWaitQueue queue;
        lock (_lock)
        {
            queue = QueueOf(request.Name, time);
            if (queue.Owner is null)
                return queue.Grant(owner);
            if (queue.Owner == owner || request.Wait <= TimeSpan.Zero)
                return null;
            waiter = queue.Waiters.AddLast(new LockWaiter(owner));
            granted = waiter.Value.Slot.Task;
        }
        try
        {
            return await granted.WaitAsync(request.Wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Leave(queue, waiter);
            if (exception is TimeoutException)
                return null;
            throw;
        }
    }

    /// <summary>Records that other programs could request the lock first.</summary>
    public void NoteYield(LockWaitQueue queue)
    {
        lock (_lock)
            queue.RecordYield();
    }

    /// <summary>Lets the next caller request the lock.</summary>
    public void GrantNext(LockWaitQueue queue)
    {
        lock (_lock)
        {
            if (queue.Waiters.First is not { } nextWaiter)
            {
                queue.End();
                return;
            }
            queue.Waiters.RemoveFirst();
            var slot = queue.Grant(nextWaiter.Value.Owner);
            nextWaiter.Value.Slot.SetResult(slot); // The continuation of the waiting caller runs on another thread.
            for (var waiter = queue.Waiters.First; waiter is not null; waiter = nextWaiter)
            {
                nextWaiter = waiter.Next;
                if (waiter.Value.Owner != queue.Owner)
                    continue;
                queue.Waiters.Remove(waiter);
                waiter.Value.Slot.SetResult(null);
            }
        }
    }

    private void Leave(LockWaitQueue queue, LinkedListNode<LockWaiter> waiter)
    {
        lock (_lock)
        {
            if (waiter.List is not null)
            {
                queue.Waiters.Remove(waiter);
                return;
            }
        }
        waiter.Value.Slot.Task.Result?.End(); // The right was granted at the last moment.
    }

    private LockWaitQueue QueueOf(string name, TimeProvider time)
    {
        if (_queues.TryGetValue(name, out var queue))
            return queue;
        if (_queues.Count >= _sweepAt)
        {
            foreach (var (unused, _) in _queues.Where(static pair => pair.Value.CanBeRemoved))
                _queues.Remove(unused);
            _sweepAt = Math.Max(128, 2 * _queues.Count);
        }
        return _queues[name] = new LockWaitQueue(this, time);
    }
}
