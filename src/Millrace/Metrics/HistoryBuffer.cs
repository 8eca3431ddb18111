namespace Millrace.Metrics;

/// <summary>
/// The samples of this node that are not finally stored: those of the current hour, and of former hours if the store
/// was not available. Thread-safe.
/// </summary>
internal sealed class HistoryBuffer
{
    /// <summary>The maximum number of hours in memory.</summary>
    public const int MaxHours = 6;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<DateTimeOffset, HourBuffer> _hours = [];
    private DateTimeOffset _at;
    private IReadOnlyDictionary<SeriesKey, double> _latest = new Dictionary<SeriesKey, double>();

    /// <summary>
    /// Gets the number of samples that were dropped, because the store was not available or another process has the
    /// name of the node. Some of the latter may be stored.
    /// </summary>
    public long DroppedSamples { get; private set; }

    public void Add(DateTimeOffset time, IReadOnlyDictionary<SeriesKey, double> values)
    {
        lock (_lock)
        {
            (_at, _latest) = (time, values);
            var start = HistoryPeriods.HourOf(time);
            if (!_hours.TryGetValue(start, out var hour))
                _hours[start] = hour = new HourBuffer(start);
            hour.Add((int)((time - start) / HistoryPeriods.Minute), values);
            if (_hours.Count > MaxHours)
            {
                var oldest = _hours.First();
                DroppedSamples += oldest.Value.Samples;
                _hours.Remove(oldest.Key);
            }
        }
    }

    /// <summary>Returns the newest samples.</summary>
    public (DateTimeOffset At, IReadOnlyDictionary<SeriesKey, double> Values) Latest()
    {
        lock (_lock)
            return (_at, _latest);
    }

    /// <summary>Returns the hours, oldest first, with their last minute.</summary>
    public IReadOnlyList<(HourBuffer Hour, int LastMinute)> Hours()
    {
        lock (_lock)
            return [.. _hours.Values.Select(static hour => (hour, hour.LastMinute))];
    }

    /// <summary>Adds the minutes of a former process, or null if there are none.</summary>
    public void Load(HourBuffer hour, PointsRecord? stored)
    {
        lock (_lock)
        {
            if (!hour.IsLoaded && stored is not null)
                hour.Add(stored);
            hour.IsLoaded = true;
        }
    }

    public PointsRecord ToRecord(HourBuffer hour, string node, bool isDownsampled)
    {
        lock (_lock)
            return hour.ToRecord(node, isDownsampled);
    }

    /// <summary>Removes an hour that is stored.</summary>
    public void Remove(HourBuffer hour)
    {
        lock (_lock)
        {
            if (_hours.GetValueOrDefault(hour.Start) == hour)
                _hours.Remove(hour.Start);
        }
    }

    /// <summary>Removes all hours, and counts their samples as dropped.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            DroppedSamples += _hours.Values.Sum(static hour => hour.Samples);
            _hours.Clear();
        }
    }
}
