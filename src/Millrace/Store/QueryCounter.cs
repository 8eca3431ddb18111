namespace Millrace.Store;

/// <summary>Counts the executions of queries of one shape since they were last taken. Thread-safe.</summary>
internal sealed class QueryCounter(DateTimeOffset now)
{
    private long _count;
    private long _rows;
    private long _ticks;
    private long _firstUse = now.UtcTicks;
    private long _lastUse = now.UtcTicks;

    public void Add(long rows, TimeSpan duration, DateTimeOffset at)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _rows, rows);
        Interlocked.Add(ref _ticks, duration.Ticks);
        Volatile.Write(ref _lastUse, at.UtcTicks);
    }

    /// <summary>Returns the counts, and sets them to 0; null if nothing was counted.</summary>
    public QueryUse? Take(QueryShape shape)
    {
        var count = Interlocked.Exchange(ref _count, 0);
        if (count == 0)
            return null;
        return new QueryUse
        {
            Shape = shape,
            Count = count,
            Rows = Interlocked.Exchange(ref _rows, 0),
            TotalTime = new TimeSpan(Interlocked.Exchange(ref _ticks, 0)),
            FirstUse = new DateTimeOffset(Volatile.Read(ref _firstUse), TimeSpan.Zero),
            LastUse = new DateTimeOffset(Volatile.Read(ref _lastUse), TimeSpan.Zero),
        };
    }

    /// <summary>Adds counts that could not be stored.</summary>
    public void Return(QueryUse use)
    {
        Interlocked.Add(ref _count, use.Count);
        Interlocked.Add(ref _rows, use.Rows);
        Interlocked.Add(ref _ticks, use.TotalTime.Ticks);
    }
}
