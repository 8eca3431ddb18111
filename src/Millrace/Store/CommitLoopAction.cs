namespace Millrace;

/// <summary>The next action of a queue's loop after it was woken.</summary>
internal enum CommitLoopAction
{
    /// <summary>A batch was taken and must be committed.</summary>
    Taken,

    /// <summary>Nothing waits, or a caller commits and wakes the loop if requests are left.</summary>
    Others,

    /// <summary>The queue is closed and empty.</summary>
    Ended,
}
