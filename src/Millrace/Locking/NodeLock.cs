namespace Millrace.Locking;

/// <summary>
/// A lock with which one node at a time acts. The node keeps it between its passes until it stops or loses it. Not
/// thread-safe.
/// </summary>
/// <param name="locks">The locks of the store.</param>
/// <param name="name">The name of the lock.</param>
internal sealed class NodeLock(Locks locks, string name)
{
    /// <summary>The minimum time after which the lock of a killed node expires.</summary>
    public static readonly TimeSpan MinDuration = TimeSpan.FromSeconds(10);

    private HeldLock? _held;

    /// <summary>
    /// Returns the lock; null if another node has it. If this node does not hold the lock, the lock is requested once.
    /// </summary>
    /// <param name="duration">The time after which the lock of a killed node expires.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<HeldLock?> TryHold(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (_held is { IsHeld: true } held)
            return held;
        await Release().ConfigureAwait(false);
        var request = new LockRequest(name) { Duration = duration, Wait = TimeSpan.Zero };
        return _held = await locks.TryAcquire(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the duration of a lock whose owner acts regularly.</summary>
    public static TimeSpan DurationFor(TimeSpan interval) =>
        2 * interval > MinDuration ? 2 * interval : MinDuration;

    /// <summary>Releases the lock if this node holds it.</summary>
    public async ValueTask Release()
    {
        if (_held is { } held)
            await held.DisposeAsync().ConfigureAwait(false);
        _held = null;
    }
}
