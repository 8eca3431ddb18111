namespace Millrace.Alerting;

/// <summary>Selects and combines the samples of a rule.</summary>
internal static class AlertValues
{
    /// <summary>Returns the current values of a rule by series.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="samples">The newest samples of all nodes.</param>
    public static Dictionary<AlertSeriesKey, double> Of(AlertRule rule, IEnumerable<MetricSample> samples)
    {
        var matching = samples.Where(sample => Matches(rule, sample));
        if (rule.Aggregate == AlertAggregate.Node)
        {
            var values = new Dictionary<AlertSeriesKey, double>();
            foreach (var sample in matching)
                values[new AlertSeriesKey(sample.Subject, sample.Node)] = sample.Value;
            return values;
        }
        return matching
            .GroupBy(sample => sample.Subject, StringComparer.Ordinal)
            .ToDictionary(
                group => new AlertSeriesKey(group.Key, null),
                group => Combine(rule.Aggregate, group.Select(sample => sample.Value)));
    }

    public static bool Matches(AlertRule rule, MetricSample sample) =>
        sample.Metric == rule.Metric
        && MatchesSubject(rule, sample.Subject)
        && !double.IsNaN(sample.Value);

    public static bool MatchesSubject(AlertRule rule, string? subject) =>
        rule.Subject is null || rule.Subject == (subject ?? "");

    public static double Combine(AlertAggregate aggregate, IEnumerable<double> values) => aggregate switch
    {
        AlertAggregate.Max => values.Max(),
        AlertAggregate.Average => values.Average(),
        _ => values.Sum(),
    };
}
