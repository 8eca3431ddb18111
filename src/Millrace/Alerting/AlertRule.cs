using Millrace.Alerting;

namespace Millrace;

/// <summary>
/// A rule that fires an alert while a metric is beyond a threshold. A value equal to the threshold does not fire.
/// </summary>
public sealed record AlertRule
{
    /// <summary>Gets the stable name: lower case letters, digits and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>Gets a sentence for the recipients of notices; empty by default.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the metric, one of <see cref="MonitorMetrics"/>, such as <c>command-latency</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>
    /// Gets the subject, such as the name of a consumer; null, the default, for each subject, and empty for the values
    /// of the node as a whole.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Gets how the values of several nodes are combined; each node separately by default.</summary>
    public AlertAggregate Aggregate { get; init; }

    /// <summary>Gets the side of the threshold that fires the alert; above it by default.</summary>
    public AlertCondition Condition { get; init; }

    /// <summary>Gets the threshold, in the unit of the metric.</summary>
    public required double Threshold { get; init; }

    /// <summary>
    /// Gets the value at which an alert counts as recovered, on the other side of the threshold; null, the default, for
    /// the threshold itself.
    /// </summary>
    public double? ResolveAt { get; init; }

    /// <summary>Gets the severity; a warning by default.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Warning;

    /// <summary>Gets the time for which the value must be beyond the threshold; 1 minute by default.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the time for which the value must have recovered; 1 minute by default.</summary>
    public TimeSpan ResolveAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the time without values after which an alert resolves, because its node or subject no longer exists; 5
    /// minutes by default.
    /// </summary>
    public TimeSpan NoDataAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets whether one alert in the state <see cref="AlertState.NoData"/> is raised if no node has reported the metric
    /// for <see cref="NoDataAfter"/>; false by default.
    /// </summary>
    public bool AlertsOnNoData { get; init; }

    /// <summary>Gets the names of the channels; empty, the default, for <see cref="AlertOptions.Channels"/>.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>
    /// Gets the escalations for an alert that is not acknowledged, in the order of their times; none by default.
    /// </summary>
    public IReadOnlyList<AlertEscalation> Escalations { get; init; } = [];

    /// <summary>
    /// Gets the interval at which the notice of an alert is repeated until it is acknowledged; null, the default, to
    /// send it once.
    /// </summary>
    public TimeSpan? RepeatEvery { get; init; }

    /// <summary>Gets whether the rule is evaluated; true by default.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Returns whether a value fires the alert.</summary>
    internal bool IsBeyond(double value) =>
        Condition == AlertCondition.Above ? value > Threshold : value < Threshold;

    /// <summary>Returns whether an alert that fired has recovered.</summary>
    internal bool IsRecovered(double value)
    {
        var at = ResolveAt ?? Threshold;
        return Condition == AlertCondition.Above ? value <= at : value >= at;
    }

    /// <summary>Returns all problems of the rule; none if it is valid.</summary>
    internal IEnumerable<string> Problems() => AlertRuleCheck.ProblemsOf(this);
}
