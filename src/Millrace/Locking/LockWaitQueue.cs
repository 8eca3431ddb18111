namespace Millrace;

/// <summary>Those of one process that want one lock, in the order in which they came. Guarded by its
/// <see cref="LockWaitQueues"/>.</summary>
internal sealed class LockWaitQueue(LockWaitQueues lines, TimeProvider time)
{
    /// <summary>How long the process has a lock again and again before others have their chance.</summary>
    private static readonly TimeSpan MaxConsecutiveHold = TimeSpan.FromSeconds(1);

    private long _begun = time.GetTimestamp();
    private long _ended = time.GetTimestamp();
    private long _ownersSince = time.GetTimestamp();
    private string? _lastOwner;

    /// <summary>Whose turn it is; null when it is nobody's.</summary>
    public string? Owner { get; private set; }

    public LinkedList<LockWaiter> Waiters { get; } = [];

    /// <summary>Whether nothing of it need be remembered: others had their chance.</summary>
    public bool IsOver =>
        Owner is null
        && time.GetElapsedTime(_ended) >= LockRetryDelays.YieldAfter(time.GetElapsedTime(_ownersSince, _ended));

    /// <summary>It is somebody's turn.</summary>
    public LockQueueSlot Grant(string owner)
    {
        if (IsOver)
            NoteYield();
        var isLate = time.GetElapsedTime(_begun) >= MaxConsecutiveHold;
        var chance = isLate ? LockRetryDelays.YieldAfter(time.GetElapsedTime(_ownersSince)) : TimeSpan.Zero;
        if (owner != _lastOwner)
            (_lastOwner, _ownersSince) = (owner, time.GetTimestamp());
        Owner = owner;
        return new LockQueueSlot(lines, this, chance);
    }

    /// <summary>Other processes have their chance, or have had it.</summary>
    public void NoteYield() => _begun = time.GetTimestamp();

    /// <summary>It is nobody's turn.</summary>
    public void End() => (Owner, _ended) = (null, time.GetTimestamp());
}
