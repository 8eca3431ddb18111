namespace Millrace;

/// <summary>The place of one that waits in a line.</summary>
internal sealed class LockWaiter(string owner)
{
    public string Owner { get; } = owner;

    /// <summary>Its turn; null where its owner has it by now.</summary>
    public TaskCompletionSource<LockQueueSlot?> Slot { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
