namespace Millrace.Redis;

/// <summary>Which receiver of this transport has a group; to other nodes all of them are one.</summary>
internal sealed class LocalGroupOwner(TimeProvider time)
{
    private readonly Lock _lock = new();
    private object? _holder;
    private long? _lost;

    /// <summary>True when a receiver has the place, now or before.</summary>
    /// <param name="holder">The receiver's hold.</param>
    /// <param name="afterLoss">How long the place stays empty after one left without telling Redis, who may still be
    /// handing it messages.</param>
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
