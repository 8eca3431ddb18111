namespace Millrace.Locking;

/// <summary>A caller in a wait queue.</summary>
internal sealed class LockWaiter(string owner)
{
    public string Owner { get; } = owner;

    /// <summary>The right to request the lock; null if the same owner already has the right.</summary>
    public TaskCompletionSource<LockQueueSlot?> Slot { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
