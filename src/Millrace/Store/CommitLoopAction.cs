namespace Millrace;

/// <summary>What the loop of a queue has to do when it was woken.</summary>
internal enum CommitLoopAction
{
    /// <summary>There is a batch to be committed.</summary>
    Taken,

    /// <summary>Nothing waits, or a caller commits and wakes the loop when that leaves it something to do.</summary>
    Others,

    /// <summary>The queue is closed and empty.</summary>
    Ended,
}
