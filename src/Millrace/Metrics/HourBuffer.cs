namespace Millrace.Metrics;

/// <summary>The minutes of an hour that are not finally stored.</summary>
/// <param name="start">The start of the hour.</param>
internal sealed class HourBuffer(DateTimeOffset start)
{
    private const int Minutes = 60;

    private readonly Dictionary<SeriesKey, SampleSummary[]> _series = [];

    public DateTimeOffset Start => start;

    /// <summary>Gets or sets whether the stored minutes of a former process were added.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>Gets the number of added samples.</summary>
    public long Samples { get; private set; }

    /// <summary>Gets the last minute with a sample.</summary>
    public int LastMinute { get; private set; } = -1;

    public void Add(int minute, IReadOnlyDictionary<SeriesKey, double> values)
    {
        foreach (var (key, value) in values)
        {
            var slots = SlotsOf(key);
            slots[minute] = slots[minute].Add(SampleSummary.Of(value));
        }
        Samples += values.Count;
        LastMinute = Math.Max(LastMinute, minute);
    }

    /// <summary>Adds the minutes that a former process stored.</summary>
    public void Add(PointsRecord stored)
    {
        foreach (var series in stored.Series)
        {
            var slots = SlotsOf(new SeriesKey(series.Metric, series.Subject));
            for (var i = 0; i < series.Slots.Count; i++)
                slots[series.Slots[i]] = series.SummaryAt(i).Add(slots[series.Slots[i]]);
        }
    }

    public PointsRecord ToRecord(string node, bool isDownsampled) => new()
    {
        Node = node,
        Start = start,
        IsDownsampled = isDownsampled,
        Series = [.. _series.Select(static one => SeriesEncoding.Encode(one.Key, one.Value))],
    };

    private SampleSummary[] SlotsOf(SeriesKey key)
    {
        if (!_series.TryGetValue(key, out var slots))
            _series[key] = slots = new SampleSummary[Minutes];
        return slots;
    }
}
