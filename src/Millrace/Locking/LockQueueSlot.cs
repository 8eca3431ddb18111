namespace Millrace.Locking;

/// <summary>
/// The right of one caller in this program to request and hold a lock. The right ends when the caller calls
/// <see cref="End"/>.
/// </summary>
/// <param name="queues">All wait queues.</param>
/// <param name="queue">The wait queue of the lock.</param>
/// <param name="yieldTime">The time that the caller waits first, so that other programs can request the lock; zero for
/// no wait.</param>
internal sealed class LockQueueSlot(LockWaitQueues queues, LockWaitQueue queue, TimeSpan yieldTime)
{
    private int _hasEnded;

    public TimeSpan YieldTime { get; } = yieldTime;

    /// <summary>Records that other programs had time to request the lock.</summary>
    public void NoteYield() => queues.NoteYield(queue);

    /// <summary>Passes the right to the next caller. A second call does nothing.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            queues.GrantNext(queue);
    }
}
