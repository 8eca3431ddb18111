namespace Millrace.Alerting;

/// <summary>Tries a rule on recorded history. Pure.</summary>
internal static class AlertSimulator
{
    /// <summary>Returns the alerts that a rule would have raised.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="history">The history of its metric.</param>
    /// <param name="from">The start.</param>
    /// <param name="to">The end.</param>
    public static AlertTrial Run(
        AlertRule rule, IReadOnlyList<MetricSeries> history, DateTimeOffset from, DateTimeOffset to)
    {
        var alerts = new List<AlertTrialAlert>();
        var points = 0;
        var resolution = TimeSpan.Zero;
        foreach (var (key, values) in SeriesOf(rule, history))
        {
            points += values.Count;
            foreach (var value in values)
                resolution = value.Length > resolution ? value.Length : resolution;
            alerts.AddRange(Alerts(rule, key, values, to));
        }
        return new AlertTrial
        {
            Rule = rule.Name,
            From = from,
            To = to,
            Resolution = resolution,
            Points = points,
            Alerts = [.. alerts.OrderBy(static alert => alert.FiredAt)],
        };
    }

    private static IEnumerable<(AlertSeriesKey Key, List<HistoryValue> Values)> SeriesOf(
        AlertRule rule, IReadOnlyList<MetricSeries> history)
    {
        var matching = history.Where(series => AlertValues.MatchesSubject(rule, series.Subject));
        if (rule.Aggregate == AlertAggregate.Node)
            return matching.Select(series => (
                new AlertSeriesKey(series.Subject, series.Node),
                series.Points.Select(point => new HistoryValue(point.Start, point.Length, point.Average)).ToList()));
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
                        AlertValues.Combine(rule.Aggregate, points.Select(point => point.Average))))
                    .ToList()));
    }

    /// <summary>Evaluates the points of a series at their ends, and the gaps between them as missing values.</summary>
    private static IEnumerable<AlertTrialAlert> Alerts(
        AlertRule rule, AlertSeriesKey key, List<HistoryValue> values, DateTimeOffset to)
    {
        AlertSeries? state = null;
        var end = DateTimeOffset.MinValue;
        foreach (var value in values)
        {
            var gapEnd = end + rule.NoDataAfter;
            if (state is not null && value.Start > end && gapEnd <= value.Start)
            {
                if (state.IsRaised)
                    yield return Ended(state, gapEnd);
                state = null;
            }
            end = value.Start + value.Length;
            var (after, change) = AlertEvaluator.Next(rule, state, key, value.Value, end);
            if (change == AlertChange.Resolved)
                yield return Ended(state!, end); // Only an alert that fires is resolved.
            state = change == AlertChange.Resolved ? null : after;
        }
        if (state is { IsRaised: true })
            yield return Ended(state, end + rule.NoDataAfter <= to ? end + rule.NoDataAfter : null);

        AlertTrialAlert Ended(AlertSeries alert, DateTimeOffset? resolvedAt) =>
            new(key.Subject, key.Node, alert.FiredAt ?? end, resolvedAt, alert.Value);
    }

    private readonly record struct HistoryValue(DateTimeOffset Start, TimeSpan Length, double Value);
}
