namespace Millrace;

/// <summary>The turn of one in its process to ask the keeper for a lock, and to have it, until it ends.</summary>
/// <param name="lines">All lines.</param>
/// <param name="line">Where others wait for it.</param>
/// <param name="isLate">Whether other processes are to ask first.</param>
internal sealed class LockTurn(LockLines lines, LockLine line, bool isLate)
{
    private int _hasEnded;

    public bool IsLate { get; } = isLate;

    /// <summary>Another process has the lock.</summary>
    public void NoteOther() => lines.NoteOther(line);

    /// <summary>Lets the next have it. Called again, it does nothing.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            lines.Next(line);
    }
}
