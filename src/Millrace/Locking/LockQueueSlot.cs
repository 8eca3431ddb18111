namespace Millrace;

/// <summary>The turn of one in its process to ask the keeper for a lock, and to have it, until it ends.</summary>
/// <param name="lines">All lines.</param>
/// <param name="line">Where others wait for it.</param>
/// <param name="chance">How long other processes are left to ask first; zero where it is not their time.</param>
internal sealed class LockQueueSlot(LockWaitQueues lines, LockWaitQueue line, TimeSpan chance)
{
    private int _hasEnded;

    public TimeSpan Chance { get; } = chance;

    /// <summary>Other processes had their chance.</summary>
    public void NoteYield() => lines.NoteYield(line);

    /// <summary>Lets the next have it. Called again, it does nothing.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            lines.Next(line);
    }
}
