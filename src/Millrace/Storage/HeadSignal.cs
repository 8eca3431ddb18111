namespace Millrace.Storage;

/// <summary>
/// Stores the furthest known end of a log, and wakes waiting callers when the known end moves forward. A storage can
/// use this class to implement <see cref="ILogStorage.WaitForChange"/>. Thread-safe.
/// </summary>
public sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead _knownEnd;

    /// <summary>Records an end of the log, and wakes the waiting callers if it is beyond the known end.</summary>
    /// <param name="head">The end of the log. An end in a later epoch is beyond all ends of earlier epochs.</param>
    public void Advance(LogHead head)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            if (!IsBeyond(head, _knownEnd))
                return;
            _knownEnd = head;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.TrySetResult();
    }

    /// <summary>
    /// Returns a task that completes when the known end moves forward; null if the known end is already beyond
    /// <paramref name="seen"/>.
    /// </summary>
    /// <param name="seen">The end that the caller has read.</param>
    public Task? WaitBeyond(LogHead seen)
    {
        lock (_lock)
            return IsBeyond(_knownEnd, seen) ? null : _moved.Task;
    }

    /// <summary>
    /// If the known end is beyond <paramref name="seen"/>, sets the known end back to <paramref name="seen"/>. Returns
    /// a task that completes when the known end moves forward.
    /// </summary>
    /// <param name="seen">The end that the caller has read.</param>
    public Task Rewind(LogHead seen)
    {
        lock (_lock)
        {
            if (IsBeyond(_knownEnd, seen))
                _knownEnd = seen;
            return _moved.Task;
        }
    }

    private static bool IsBeyond(LogHead head, LogHead seen) =>
        head.Epoch > seen.Epoch || (head.Epoch == seen.Epoch && head.Position > seen.Position);
}
