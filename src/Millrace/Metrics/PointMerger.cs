namespace Millrace.Metrics;

/// <summary>Merges stored minutes and hours into the points of a query.</summary>
internal sealed class PointMerger
{
    private readonly MetricQuery _query;
    private readonly TimeSpan _resolution;
    private readonly HashSet<(string Node, DateTimeOffset Hour)> _hours = [];
    private readonly Dictionary<(string? Subject, string Node), Dictionary<Bucket, SampleSummary>> _series = [];
    private DateTimeOffset? _firstMinutes;

    public PointMerger(MetricQuery query)
    {
        if (query.To <= query.From)
            throw new ArgumentException("The end must be after the start.", nameof(query));
        if (query.Resolution < HistoryPeriods.Minute)
            throw new ArgumentException("The resolution must be at least one minute.", nameof(query));
        _query = query;
        _resolution = ResolutionOf(query);
    }

    public DateTimeOffset From => _query.From;

    public DateTimeOffset To => _query.To;

    public string? Node => _query.Node;

    /// <summary>Gets whether the points are made of hours.</summary>
    public bool UsesHours => _resolution >= HistoryPeriods.Hour;

    /// <summary>Gets whether the minutes that were added do not reach back to the start of the query.</summary>
    public bool NeedsHours => UsesHours || _firstMinutes is null || _firstMinutes > From;

    public void AddMinutes(PointsRecord record)
    {
        if (!_hours.Add((record.Node, record.Start)))
            return; // The hour was added.
        if (_firstMinutes is null || record.Start < _firstMinutes)
            _firstMinutes = record.Start;
        Add(record, HistoryPeriods.Minute, static _ => true);
    }

    public void AddHours(PointsRecord record)
    {
        var added = new HashSet<DateTimeOffset>();
        Add(
            record,
            HistoryPeriods.Hour,
            hour => added.Contains(hour) || (_hours.Add((record.Node, hour)) && added.Add(hour)));
    }

    public IReadOnlyList<MetricSeries> Build() =>
    [
        .. _series.OrderBy(static one => one.Key.Subject, StringComparer.Ordinal)
            .ThenBy(static one => one.Key.Node, StringComparer.Ordinal)
            .Select(one => new MetricSeries
            {
                Metric = _query.Metric,
                Subject = one.Key.Subject,
                Node = one.Key.Node,
                Points =
                [
                    .. one.Value.OrderBy(static point => point.Key.Start)
                        .Select(static point => point.Value.ToPoint(point.Key.Start, point.Key.Length)),
                ],
            }),
    ];

    private void Add(PointsRecord record, TimeSpan slot, Func<DateTimeOffset, bool> accepts)
    {
        var length = _resolution > slot ? _resolution : slot;
        foreach (var series in record.Series)
        {
            if (series.Metric != _query.Metric || (_query.Subject is { } only && series.Subject != only))
                continue;
            for (var i = 0; i < series.Slots.Count; i++)
            {
                var start = record.Start + series.Slots[i] * slot;
                if (start + slot > From && start < To && accepts(start))
                    Add((series.Subject, record.Node), new Bucket(HistoryPeriods.Floor(start, length), length),
                        series.SummaryAt(i));
            }
        }
    }

    private void Add((string? Subject, string Node) key, Bucket bucket, SampleSummary summary)
    {
        if (!_series.TryGetValue(key, out var points))
            _series[key] = points = [];
        points[bucket] = points.GetValueOrDefault(bucket).Add(summary);
    }

    /// <summary>Returns the resolution in whole minutes, or in whole hours from one hour.</summary>
    private static TimeSpan ResolutionOf(MetricQuery query)
    {
        var finest = (query.To - query.From) / (MetricQuery.MaxPoints - 1); // A part of a point at each end.
        var wanted = query.Resolution is { } resolution && resolution > finest ? resolution : finest;
        var unit = wanted > HistoryPeriods.Hour ? HistoryPeriods.Hour : HistoryPeriods.Minute;
        return Math.Max(1, (long)Math.Ceiling(wanted / unit)) * unit;
    }

    private readonly record struct Bucket(DateTimeOffset Start, TimeSpan Length);
}
