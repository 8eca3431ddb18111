namespace Millrace;

/// <summary>The place of one that waits in a line.</summary>
internal sealed class LockPlace(string owner)
{
    public string Owner { get; } = owner;

    /// <summary>Its turn; null where its owner has it by now.</summary>
    public TaskCompletionSource<LockTurn?> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
