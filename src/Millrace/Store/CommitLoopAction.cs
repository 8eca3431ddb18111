namespace Millrace.Store;

/// <summary>The next action of the commit loop of <see cref="CommitQueue"/> after it wakes up.</summary>
internal enum CommitLoopAction
{
    /// <summary>The loop has taken a batch and must commit it.</summary>
    Taken,

    /// <summary>No request waits, or a caller is committing. That caller wakes the loop if requests remain.</summary>
    Wait,

    /// <summary>The queue is closed and empty.</summary>
    Ended,
}
