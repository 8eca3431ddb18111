namespace Millrace.Storage;

/// <summary>
/// The furthest known end of a log, with a signal for a further one: what a storage needs for
/// <see cref="ILogStorage.WaitForChange"/>. Thread-safe.
/// </summary>
public sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead _last;

    /// <summary>Records an end of the log, and wakes the waiting callers if it is further than the last one.</summary>
    /// <param name="head">The end. One in a later epoch is further than all ends of earlier epochs.</param>
    public void Advance(LogHead head)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            if (!IsBeyond(head, _last))
                return;
            _last = head;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.TrySetResult();
    }

    /// <summary>
    /// Returns a task that completes when the known end moves forward; null if it is already beyond
    /// <paramref name="seen"/>.
    /// </summary>
    /// <param name="seen">The end that the caller has read.</param>
    public Task? WaitBeyond(LogHead seen)
    {
        lock (_lock)
            return IsBeyond(_last, seen) ? null : _moved.Task;
    }

    /// <summary>
    /// Sets the known end back to <paramref name="seen"/> if it is beyond that. Returns a task that completes when the
    /// known end moves forward.
    /// </summary>
    /// <param name="seen">The end that the caller has read.</param>
    public Task Rewind(LogHead seen)
    {
        lock (_lock)
        {
            if (IsBeyond(_last, seen))
                _last = seen;
            return _moved.Task;
        }
    }

    private static bool IsBeyond(LogHead head, LogHead seen) =>
        head.Epoch > seen.Epoch || (head.Epoch == seen.Epoch && head.Position > seen.Position);
}
