using Millrace.Monitoring;

namespace Millrace.Consuming;

/// <summary>Measures the use of memory and processors, at most twice per second. Thread-safe.</summary>
internal sealed class ResourceMonitor(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly ProcessorUse _processors = new();
    private long _measuredAt = time.GetTimestamp();
    private ResourceUse _use;

    /// <summary>Returns the share of the memory that is in use on the machine or in the container, and the share of the
    /// processors that this process uses.</summary>
    public ResourceUse Measure()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(_measuredAt, now);
            if (elapsed < Interval)
                return _use;
            var memory = GC.GetGCMemoryInfo();
            _use = new ResourceUse(
                memory.MemoryLoadBytes / (double)Math.Max(1, memory.TotalAvailableMemoryBytes),
                _processors.Take(elapsed));
            _measuredAt = now;
            return _use;
        }
    }
}
