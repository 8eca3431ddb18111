namespace Millrace.Redis.Streams;

/// <summary>
/// Determines which receiver of this transport owns a group. For other nodes, the transport is the owner.
/// </summary>
internal sealed class LocalGroupOwner(TimeProvider time)
{
    private readonly Lock _lock = new();
    private object? _holder;
    private long? _leftWithoutRelease;

    /// <summary>Returns true if the receiver owns the group, or has just become the owner.</summary>
    /// <param name="holder">The receiver's lease.</param>
    /// <param name="afterLoss">How long the group stays without an owner after an owner left without releasing its
    /// lease in Redis. Redis may still deliver to this owner.</param>
    public bool TryTake(object holder, TimeSpan afterLoss)
    {
        lock (_lock)
        {
            if (_holder is null && (_leftWithoutRelease is not { } left || time.GetElapsedTime(left) > afterLoss))
                _holder = holder;
            return _holder == holder;
        }
    }

    public void Leave(object holder, bool isReleased)
    {
        lock (_lock)
        {
            if (_holder != holder)
                return;
            _holder = null;
            _leftWithoutRelease = isReleased ? null : time.GetTimestamp();
        }
    }
}
