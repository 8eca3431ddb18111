namespace Millrace.Materializing;

/// <summary>Wakes the loop of the views when something changes on this node. Thread-safe.</summary>
internal sealed class ViewSignal : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _next = new();
    private bool _isDisposed;

    /// <summary>Gets a token that is canceled at the next change.</summary>
    public CancellationToken Next
    {
        get
        {
            lock (_lock)
                return _next.Token;
        }
    }

    /// <summary>Reports a change. Ignored after the end of the service.</summary>
    public void Set()
    {
        CancellationTokenSource current;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            current = _next;
            _next = new CancellationTokenSource();
        }
        _ = current.CancelAsync(); // The loop that waits continues on another thread.
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _next.Dispose();
        }
    }
}
