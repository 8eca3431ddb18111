namespace Millrace.Archiving;

/// <summary>The lock of a store with which one run archives at a time.</summary>
internal static class ArchiveLock
{
    public const string Name = "$archive";

    private static readonly LockRequest Request = new(Name);

    /// <summary>
    /// Returns the lock; null if another run has it. The method waits until the lock of a run that was killed has
    /// expired.
    /// </summary>
    public static ValueTask<HeldLock?> TryAcquire(EventStore store, CancellationToken cancellationToken) =>
        Locks.Of(store).TryAcquire(
            Request with { Wait = Request.Duration + TimeSpan.FromSeconds(2) }, cancellationToken);
}
