namespace Millrace.Messaging.Receiving;

/// <summary>Bounds how many callers run at the same time, by a limit that can change. Thread-safe.</summary>
/// <remarks>Callers that wait enter in the order in which they came. A lower limit applies as callers leave.</remarks>
internal sealed class WorkerGate(Func<int> getLimit)
{
    private readonly Lock _lock = new(); // Guards the two fields below.
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _running;

    /// <summary>Gets the number of callers that wait.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>
    /// Waits until fewer callers run than the limit allows. The caller then calls <see cref="Leave"/>.
    /// </summary>
    public async ValueTask Enter(CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_lock)
        {
            if (_running < getLimit())
            {
                _running++;
                return;
            }
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter);
        }
        try
        {
            await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!waiter.TrySetCanceled(cancellationToken))
                Leave(); // It was admitted at the same time.
            throw;
        }
    }

    /// <summary>Admits the callers that can run now.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _running--;
            while (_running < getLimit() && _waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                    _running++;
            }
        }
    }
}
