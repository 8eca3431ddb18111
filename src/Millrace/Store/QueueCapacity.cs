namespace Millrace.Store;

/// <summary>
/// The capacity of the commit queue in requests and bytes, and the callers that wait for capacity. The queue must hold
/// its lock when it uses this class, except for <see cref="Requests"/> and <see cref="BusyException"/>.
/// </summary>
internal sealed class QueueCapacity(StoreOptions options)
{
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _requests;
    private long _bytes;

    /// <summary>Gets the number of requests that are queued or being committed.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>
    /// Returns whether the queue has capacity for a request. An empty queue accepts a request of any size.
    /// </summary>
    public bool HasRoomFor(PendingCommit pending) =>
        _requests < options.MaxQueuedRequests && (_bytes == 0 || _bytes + pending.Bytes <= options.MaxQueuedBytes);

    /// <summary>Reserves capacity for a request.</summary>
    public void Reserve(PendingCommit pending)
    {
        _requests++;
        _bytes += pending.Bytes;
    }

    /// <summary>
    /// Releases the capacity of a request, and wakes the first waiting caller so that it tries again.
    /// </summary>
    public void Release(PendingCommit pending)
    {
        _requests--;
        _bytes -= pending.Bytes;
        OfferRoom();
    }

    /// <summary>
    /// Adds a caller to the end of the waiting list. The task in the returned node completes when the caller may try
    /// again.
    /// </summary>
    public LinkedListNode<TaskCompletionSource> AddWaiter() =>
        _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>
    /// Removes a caller that stops waiting. If this caller was just woken to try again, the next caller is woken
    /// instead.
    /// </summary>
    public void RemoveWaiter(LinkedListNode<TaskCompletionSource> waiter)
    {
        if (waiter.List is null)
            OfferRoom();
        else
            _waiting.Remove(waiter);
    }

    /// <summary>Wakes all waiting callers so that they try again.</summary>
    public void WakeAll()
    {
        while (OfferRoom())
            continue;
    }

    /// <summary>Creates the exception for a caller that has waited too long.</summary>
    public StoreBusyException BusyException() =>
        new(Requests, Interlocked.Read(ref _bytes), options.QueueTimeout);

    /// <summary>Wakes the first waiting caller so that it tries again. Returns false if no caller waits.</summary>
    private bool OfferRoom()
    {
        if (_waiting.First is not { } first)
            return false;
        _waiting.RemoveFirst();
        first.Value.TrySetResult();
        return true;
    }
}
