namespace Millrace.Archiving;

/// <summary>The lock of a store with which one run archives at a time.</summary>
internal static class ArchiveLock
{
    public const string Name = "$archive";

    /// <summary>Returns the lock; null if another run has it.</summary>
    public static async Task<HeldLock?> TryAcquire(EventStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await Locks.Of(store)
                .Acquire(new LockRequest(Name) { Wait = TimeSpan.Zero }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (LockUnavailableException)
        {
            return null;
        }
    }
}
