using Millrace.Storage;

namespace Millrace;

/// <summary>Tells whether there are events of a tenant in the shared log beyond what was seen of it.</summary>
internal sealed class TenantSignal(Action<TenantSignal> forget) : IDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead _last;

    /// <summary>Notes where the last event of the tenant stands.</summary>
    public void Noticed(LogHead last)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            if (!IsBeyond(last, _last))
                return;
            _last = last;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.TrySetResult();
    }

    public async ValueTask WaitBeyond(LogHead seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (IsBeyond(_last, seen))
                    return;
                moved = _moved.Task;
            }
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => forget(this);

    private static bool IsBeyond(LogHead head, LogHead seen) =>
        head.Epoch > seen.Epoch || (head.Epoch == seen.Epoch && head.Position > seen.Position);
}
