namespace Millrace.Messaging.InMemory;

/// <summary>A connection to the in-memory broker.</summary>
internal sealed class InMemoryReceiver(InMemoryQueue queue, Lock brokerLock, int prefetch) : IReceiver
{
    private readonly HashSet<InMemoryDelivery> _inFlight = [];
    private TaskCompletionSource _wakeSignal = NewSignal();
    private bool _isBroken;

    public async ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wakeUp;
            lock (brokerLock)
            {
                RequireOpen();
                var taken = new List<Delivery>();
                queue.Take(this, Math.Min(maxCount, prefetch - _inFlight.Count), taken);
                foreach (var delivery in taken)
                    _inFlight.Add((InMemoryDelivery)delivery);
                if (taken.Count > 0)
                    return taken;
                if (_wakeSignal.Task.IsCompleted)
                    _wakeSignal = NewSignal();
                wakeUp = _wakeSignal.Task;
            }
            await wakeUp.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        Settle(deliveries, isHandled: true);

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        Settle(deliveries, isHandled: false);

    public ValueTask DisposeAsync()
    {
        lock (brokerLock)
            Break();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Breaks the connection, and returns the deliveries in flight. The caller must hold the broker's lock.
    /// </summary>
    public void Break()
    {
        if (_isBroken)
            return;
        _isBroken = true;
        foreach (var delivery in _inFlight)
            queue.Settle(delivery, isHandled: false);
        _inFlight.Clear();
        queue.Close(this);
        queue.Wake();
        Wake();
    }

    /// <summary>Wakes the receiver. The caller must hold the broker's lock.</summary>
    public void Wake() => _wakeSignal.TrySetResult();

    private ValueTask Settle(IReadOnlyList<Delivery> deliveries, bool isHandled)
    {
        lock (brokerLock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                if (delivery is InMemoryDelivery inMemory && _inFlight.Remove(inMemory))
                    queue.Settle(inMemory, isHandled);
            }
            queue.Wake();
        }
        return ValueTask.CompletedTask;
    }

    private void RequireOpen()
    {
        if (_isBroken)
            throw new TransportUnavailableException(InMemoryTransport.Name, "the connection is broken.");
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
