namespace Millrace;

/// <summary>
/// The lines of one process in front of its keeper of locks: of all here that want a lock, only who came first asks the
/// keeper for it.
/// </summary>
/// <remarks>
/// So a lock is had in the order in which it was asked for, nobody is overtaken by who came later and asks more often,
/// and however many wait, the keeper has one of them to answer. Processes stand in no line. So that one where it is
/// always wanted does not keep a lock to itself, it lets others ask first now and then, as in a cohort lock (Dice,
/// Marathe and Shavit, "Lock Cohorting", PPoPP 2012).
/// </remarks>
internal sealed class LockWaitQueues
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LockWaitQueue> _queues = new(StringComparer.Ordinal);
    private int _sweepAt = 128;

    /// <summary>Waits until nobody of this process is before.</summary>
    /// <param name="request">The lock, and how long to wait.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where it is not waited for: the same owner's turn it is already, or the time is over.</returns>
    public async ValueTask<LockQueueSlot?> Wait(
        LockRequest request, string owner, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<LockQueueSlot?> coming;
        LinkedListNode<LockWaiter> place;
        LockWaitQueue line;
        lock (_lock)
        {
            line = LineOf(request.Name, time);
            if (line.Owner is null)
                return line.Grant(owner);
            if (line.Owner == owner || request.Wait <= TimeSpan.Zero)
                return null;
            place = line.Waiters.AddLast(new LockWaiter(owner));
            coming = place.Value.Slot.Task;
        }
        try
        {
            return await coming.WaitAsync(request.Wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Leave(line, place);
            if (exception is TimeoutException)
                return null;
            throw;
        }
    }

    /// <summary>Other processes had their chance.</summary>
    public void NoteYield(LockWaitQueue line)
    {
        lock (_lock)
            line.NoteYield();
    }

    /// <summary>Who stands next has the turn.</summary>
    public void Next(LockWaitQueue line)
    {
        lock (_lock)
        {
            if (line.Waiters.First is not { } next)
            {
                line.End();
                return;
            }
            line.Waiters.RemoveFirst();
            var turn = line.Grant(next.Value.Owner);
            next.Value.Slot.SetResult(turn); // Goes on elsewhere, as do those below.
            for (var place = line.Waiters.First; place is not null; place = next)
            {
                next = place.Next;
                if (place.Value.Owner != line.Owner)
                    continue;
                line.Waiters.Remove(place);
                place.Value.Slot.SetResult(null);
            }
        }
    }

    private void Leave(LockWaitQueue line, LinkedListNode<LockWaiter> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                line.Waiters.Remove(place);
                return;
            }
        }
        place.Value.Slot.Task.Result?.End(); // It came at the last moment.
    }

    private LockWaitQueue LineOf(string name, TimeProvider time)
    {
        if (_queues.TryGetValue(name, out var line))
            return line;
        if (_queues.Count >= _sweepAt)
        {
            foreach (var (left, _) in _queues.Where(static one => one.Value.IsOver))
                _queues.Remove(left);
            _sweepAt = Math.Max(128, 2 * _queues.Count);
        }
        return _queues[name] = new LockWaitQueue(this, time);
    }
}
