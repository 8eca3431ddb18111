using Millrace.Storage;

namespace Millrace;

/// <summary>The furthest end of a log that was heard of, and who waits to hear of a further one.</summary>
internal sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead _last;

    /// <summary>Notes an end of the log, and wakes who waits if it is further than the one before.</summary>
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

    /// <summary>What ends when a further end is heard of; null when one beyond what was seen was heard of
    /// already.</summary>
    public Task? Beyond(LogHead seen)
    {
        lock (_lock)
            return IsBeyond(_last, seen) ? null : _moved.Task;
    }

    /// <summary>Forgets what was heard of beyond an end that was seen, and returns what ends when a further one is
    /// heard of.</summary>
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
