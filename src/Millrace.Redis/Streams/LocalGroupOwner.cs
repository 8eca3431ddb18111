namespace Millrace.Redis.Streams;

/// <summary>Determines which receiver of this transport owns a group; for other nodes they are one owner.</summary>
internal sealed class LocalGroupOwner(TimeProvider time)
{
    private readonly Lock _lock = new();
    private object? _holder;
    private long? _lost;

    /// <summary>Returns true if a receiver owns the group, now or before.</summary>
    /// <param name="holder">The receiver's lease.</param>
    /// <param name="afterLoss">How long the group stays without an owner after one left without a message to Redis,
    /// which may still deliver to it.</param>
    public bool TryTake(object holder, TimeSpan afterLoss)
    {
        lock (_lock)
        {
            if (_holder is null && (_lost is not { } lost || time.GetElapsedTime(lost) > afterLoss))
                _holder = holder;
            return _holder == holder;
        }
    }

    public void Leave(object holder, bool isTold)
    {
        lock (_lock)
        {
            if (_holder != holder)
                return;
            _holder = null;
            _lost = isTold ? null : time.GetTimestamp();
        }
    }
}
