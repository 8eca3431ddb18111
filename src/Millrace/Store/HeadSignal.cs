using Millrace.Storage;

namespace Millrace;

/// <summary>The furthest known end of a log, with a signal for a further one.</summary>
internal sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead _last;

    /// <summary>Records an end of the log, and wakes the waiting callers if it is further than the last one.</summary>
    public void Notice(LogHead head)
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
    /// Returns a task that completes when a further end becomes known; null if one beyond <paramref name="seen"/>
    /// already is.
    /// </summary>
    public Task? Beyond(LogHead seen)
    {
        lock (_lock)
            return IsBeyond(_last, seen) ? null : _moved.Task;
    }

    /// <summary>
    /// Forgets any end beyond <paramref name="seen"/>, and returns a task that completes when a further one becomes
    /// known.
    /// </summary>
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
