namespace Millrace.Metrics;

/// <summary>Limits the number of series of a node.</summary>
internal sealed class SeriesLimit(int maxSeries)
{
    private int _count;

    /// <summary>Gets whether a series was refused.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Reserves series. Returns false if the limit is reached.</summary>
    public bool TryAdd(int count)
    {
        if (Interlocked.Add(ref _count, count) <= maxSeries)
            return true;
        Interlocked.Add(ref _count, -count);
        IsReached = true;
        return false;
    }
}
