namespace Millrace.Monitoring;

/// <summary>Measures the share of the processors that this process uses. Not thread-safe.</summary>
internal sealed class ProcessorUse
{
    private TimeSpan _total = Total();

    /// <summary>Returns the share since the last call, or since the creation, from 0 to 1.</summary>
    /// <param name="elapsed">The time since then.</param>
    public double Take(TimeSpan elapsed)
    {
        var total = Total();
        var share = (total - _total) / elapsed / Environment.ProcessorCount;
        _total = total;
        return Math.Clamp(share, 0, 1);
    }

    private static TimeSpan Total() =>
        OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() ? TimeSpan.Zero : Environment.CpuUsage.TotalTime;
}
