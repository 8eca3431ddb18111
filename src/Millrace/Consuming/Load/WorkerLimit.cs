namespace Millrace.Consuming.Load;

/// <summary>
/// Limits the number of workers while memory or processors are scarce. A limit that applies is removed only when the
/// use is clearly lower, so that it does not change with every measurement.
/// </summary>
internal sealed class WorkerLimit(int max)
{
    private const double MemoryShare = 0.8;
    private const double ProcessorShare = 0.7;
    private const double Hysteresis = 0.05;

    private bool _isMemoryScarce;
    private bool _areProcessorsScarce;

    /// <summary>Returns the maximum number of workers: <c>max × (memory &gt; 0.8 ? 0.5 : 1) × (load &gt; 0.7 ? 0.8 :
    /// 1)</c>, at least 1.</summary>
    public int Update(ResourceUse use)
    {
        _isMemoryScarce = IsScarce(use.Memory, MemoryShare, _isMemoryScarce);
        _areProcessorsScarce = IsScarce(use.Processors, ProcessorShare, _areProcessorsScarce);
        return Math.Max(1, (int)(max * (_isMemoryScarce ? 0.5 : 1) * (_areProcessorsScarce ? 0.8 : 1)));
    }

    private static bool IsScarce(double share, double limit, bool wasScarce) =>
        share > (wasScarce ? limit - Hysteresis : limit);
}
