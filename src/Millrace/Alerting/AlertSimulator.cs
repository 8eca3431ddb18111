namespace Millrace.Alerting;

/// <summary>Tries a rule on recorded history, which is added in parts, oldest first. Pure.</summary>
/// <param name="rule">The rule.</param>
/// <param name="from">The start of the history.</param>
/// <param name="to">The end of the history.</param>
internal sealed class AlertSimulator(AlertRule rule, DateTimeOffset from, DateTimeOffset to)
{
    private readonly Dictionary<AlertSeriesKey, SeriesState> _series = [];
    private readonly List<AlertTrialAlert> _alerts = [];
    private DateTimeOffset? _dataEnd; // Of the values of all nodes.
    private TimeSpan _resolution;
    private int _points;

    /// <summary>Returns the alerts that a rule would have raised on a whole history.</summary>
    public static AlertTrial Run(
        AlertRule rule, IReadOnlyList<MetricSeries> history, DateTimeOffset from, DateTimeOffset to)
    {
        var simulator = new AlertSimulator(rule, from, to);
        simulator.Add(history);
        return simulator.Build();
    }

    /// <summary>Evaluates the next part of the history of the metric.</summary>
    public void Add(IReadOnlyList<MetricSeries> history)
    {
        List<MetricSeries> matching =
            [.. history.Where(series => AlertValues.MatchesSubject(rule, series.Subject))];
        FindMissingData(matching);
        foreach (var (key, values) in SeriesOf(matching))
        {
            if (!_series.TryGetValue(key, out var state))
                _series[key] = state = new SeriesState();
            foreach (var value in values)
            {
                _points++;
                _resolution = value.Length > _resolution ? value.Length : _resolution;
                Evaluate(key, state, value);
            }
        }
    }

    /// <summary>Returns the result, after the last part.</summary>
    public AlertTrial Build()
    {
        foreach (var (key, state) in _series)
        {
            if (state.Alert is { IsRaised: true } alert)
                Report(key, alert, state.End + rule.NoDataAfter <= to ? state.End + rule.NoDataAfter : null);
            state.Alert = null;
        }
        if (_dataEnd is { } end)
            ReportMissingData(end, to, isEnded: false);
        return new AlertTrial
        {
            Rule = rule.Name,
            From = from,
            To = to,
            Resolution = _resolution,
            Points = _points,
            Alerts = [.. _alerts.OrderBy(static alert => alert.FiredAt)],
        };
    }

    private IEnumerable<(AlertSeriesKey Key, IEnumerable<HistoryValue> Values)> SeriesOf(List<MetricSeries> matching)
    {
        if (rule.Aggregate == AlertAggregate.Node)
            return matching.Select(series => (
                new AlertSeriesKey(series.Subject, series.Node),
                series.Points.Select(point => new HistoryValue(point.Start, point.Length, point.Average))));
        return matching
            .GroupBy(series => series.Subject, StringComparer.Ordinal)
            .Select(group => (
                new AlertSeriesKey(group.Key, null),
                group.SelectMany(series => series.Points)
                    .GroupBy(point => point.Start)
                    .OrderBy(points => points.Key)
                    .Select(points => new HistoryValue(
                        points.Key,
                        points.Max(point => point.Length),
                        AlertValues.Combine(rule.Aggregate, points.Select(point => point.Average))))));
    }

    /// <summary>Evaluates a value at its start and its end, and a gap before it as missing values.</summary>
    private void Evaluate(AlertSeriesKey key, SeriesState state, HistoryValue value)
    {
        var gapEnd = state.End + rule.NoDataAfter;
        if (state.Alert is { } known && value.Start > state.End && gapEnd <= value.Start)
        {
            if (known.IsRaised)
                Report(key, known, gapEnd);
            state.Alert = null;
        }
        state.End = value.Start + value.Length;
        foreach (var time in (ReadOnlySpan<DateTimeOffset>)[value.Start, state.End])
        {
            var (after, change) = AlertEvaluator.Next(rule, state.Alert, key, value.Value, time);
            if (change == AlertChange.Resolved)
                Report(key, state.Alert!, time); // Only an alert that fires is resolved.
            state.Alert = change == AlertChange.Resolved ? null : after;
        }
    }

    private void Report(AlertSeriesKey key, AlertSeries alert, DateTimeOffset? resolvedAt) => _alerts.Add(
        new(key.Subject, key.Node, alert.FiredAt!.Value, resolvedAt, alert.Value)); // An alert that fired has the time.

    /// <summary>Finds the times without values of any node, from the first value on.</summary>
    private void FindMissingData(List<MetricSeries> matching)
    {
        foreach (var point in matching.SelectMany(series => series.Points).OrderBy(point => point.Start))
        {
            if (_dataEnd is { } end)
                ReportMissingData(end, point.Start, isEnded: true);
            var pointEnd = point.Start + point.Length;
            _dataEnd = _dataEnd > pointEnd ? _dataEnd : pointEnd;
        }
    }

    private void ReportMissingData(DateTimeOffset start, DateTimeOffset end, bool isEnded)
    {
        if (rule.AlertsOnNoData && end - start >= rule.NoDataAfter)
            _alerts.Add(new(null, null, start + rule.NoDataAfter, isEnded ? end : null, 0)
            {
                State = AlertState.NoData,
            });
    }

    private readonly record struct HistoryValue(DateTimeOffset Start, TimeSpan Length, double Value);

    private sealed class SeriesState
    {
        public AlertSeries? Alert { get; set; }

        public DateTimeOffset End { get; set; }
    }
}
