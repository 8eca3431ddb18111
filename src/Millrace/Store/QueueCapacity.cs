namespace Millrace;

/// <summary>
/// The capacity of the commit queue in requests and bytes, and the callers that wait for capacity. Not thread-safe:
/// except for <see cref="Requests"/> and <see cref="BusyException"/>, the queue calls it under its lock.
/// </summary>
internal sealed class QueueCapacity(StoreOptions options)
{
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _requests;
    private long _bytes;

    /// <summary>Gets the number of requests that are queued or being committed.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Returns true when a request fits. The queue takes a request of any size when it is empty.</summary>
    public bool HasRoomFor(PendingCommit pending) =>
        _requests < options.MaxQueuedRequests && (_bytes == 0 || _bytes + pending.Bytes <= options.MaxQueuedBytes);

    /// <summary>Reserves capacity for a request.</summary>
    public void Reserve(PendingCommit pending)
    {
        _requests++;
        _bytes += pending.Bytes;
    }

    /// <summary>Releases the capacity of a request, and lets the first waiting caller try again.</summary>
    public void Release(PendingCommit pending)
    {
        _requests--;
        _bytes -= pending.Bytes;
        OfferRoom();
    }

    /// <summary>Adds a caller to the end of the waiting list. Its task completes when it may try again.</summary>
    public LinkedListNode<TaskCompletionSource> AddWaiter() =>
        _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Removes a caller that stops waiting. When it was just allowed to try again, the next
    /// caller is allowed instead.</summary>
    public void RemoveWaiter(LinkedListNode<TaskCompletionSource> waiter)
    {
        if (waiter.List is null)
            OfferRoom();
        else
            _waiting.Remove(waiter);
    }

    /// <summary>Lets all waiting callers try again.</summary>
    public void WakeAll()
    {
        while (OfferRoom())
            continue;
    }

    /// <summary>Creates the exception for a caller that has waited too long.</summary>
    public StoreBusyException BusyException() =>
        new(Requests, Interlocked.Read(ref _bytes), options.QueueTimeout);

    /// <summary>Lets the first waiting caller try again. Returns false when none waits.</summary>
    private bool OfferRoom()
    {
        if (_waiting.First is not { } first)
            return false;
        _waiting.RemoveFirst();
        first.Value.TrySetResult();
        return true;
    }
}
