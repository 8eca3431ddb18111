namespace Millrace.Locking;

/// <summary>
/// The callers in one program that wait for one lock, in the order of their requests. <see cref="LockWaitQueues"/>
/// calls this class only under its lock.
/// </summary>
internal sealed class LockWaitQueue(LockWaitQueues queues, TimeProvider time)
{
    /// <summary>
    /// The maximum time for which this program may acquire a lock repeatedly before other programs can request it.
    /// </summary>
    private static readonly TimeSpan MaxConsecutiveHold = TimeSpan.FromSeconds(1);

    private long _yieldedAt = time.GetTimestamp();
    private long _idleSince = time.GetTimestamp();
    private long _ownerSince = time.GetTimestamp();
    private string? _lastOwner;

    /// <summary>The owner that has the right to request the lock; null if no owner has the right.</summary>
    public string? Owner { get; private set; }

    public LinkedList<LockWaiter> Waiters { get; } = [];

    /// <summary>
    /// Gets whether the queue can be removed, because other programs have had time to request the lock.
    /// </summary>
    public bool CanBeRemoved =>
        Owner is null
        && time.GetElapsedTime(_idleSince) >= LockRetryDelays.YieldAfter(time.GetElapsedTime(_ownerSince, _idleSince));

    /// <summary>Gives an owner the right to request the lock.</summary>
    public LockQueueSlot Grant(string owner)
    {
        if (CanBeRemoved)
            RecordYield();
        var mustYield = time.GetElapsedTime(_yieldedAt) >= MaxConsecutiveHold;
        var yieldTime = mustYield ? LockRetryDelays.YieldAfter(time.GetElapsedTime(_ownerSince)) : TimeSpan.Zero;
        if (owner != _lastOwner)
        {
            _lastOwner = owner;
            _ownerSince = time.GetTimestamp();
        }
        Owner = owner;
        return new LockQueueSlot(queues, this, yieldTime);
    }

    /// <summary>Records that other programs have time to request the lock.</summary>
    public void RecordYield() => _yieldedAt = time.GetTimestamp();

    /// <summary>Records that no owner has the right to request the lock.</summary>
    public void End()
    {
        Owner = null;
        _idleSince = time.GetTimestamp();
    }
}
