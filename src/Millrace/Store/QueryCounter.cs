namespace Millrace.Store;

/// <summary>Counts the executions of queries of one shape since they were last taken. Thread-safe.</summary>
internal sealed class QueryCounter(DateTimeOffset now)
{
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _firstUse = now;
    private DateTimeOffset _lastUse = now;
    private TimeSpan _time;
    private long _count;
    private long _rows;
    private bool _isClosed;

    /// <summary>Adds an execution. Returns false if the counter is closed: its counts would be lost.</summary>
    public bool TryAdd(long rows, TimeSpan duration, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _count++;
            _rows += rows;
            _time += duration;
            _lastUse = at;
            return true;
        }
    }

    /// <summary>Returns the counts, and sets them to 0. If nothing was counted, closes the counter and returns
    /// null.</summary>
    public QueryUse? TakeOrClose(QueryShape shape)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                _isClosed = true;
                return null;
            }
            var use = new QueryUse
            {
                Shape = shape,
                Count = _count,
                Rows = _rows,
                TotalTime = _time,
                FirstUse = _firstUse,
                LastUse = _lastUse,
            };
            (_count, _rows, _time) = (0, 0, TimeSpan.Zero);
            return use;
        }
    }

    /// <summary>Adds counts that could not be stored. Returns false if the counter is closed.</summary>
    public bool TryReturn(QueryUse use)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _count += use.Count;
            _rows += use.Rows;
            _time += use.TotalTime;
            if (use.LastUse > _lastUse)
                _lastUse = use.LastUse;
            return true;
        }
    }
}
